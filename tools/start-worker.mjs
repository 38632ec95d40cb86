/* `npm run start:worker`: works on runs, for an installation with several processes. */
import { startApp } from './start-app.mjs';

await startApp('worker');
