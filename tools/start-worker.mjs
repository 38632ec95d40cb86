/* `npm run start:worker`: works on runs, for an installation with several processes. */
import { startApp } from './start-app.mjs';

await startApp('worker', {
  script: 'npm run start:worker',
  purpose: 'Starts a worker, which works on runs, for an installation with several processes.',
});
