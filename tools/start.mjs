/* `npm start`: API, worker and panel in one process, without any service. */
import { startApp } from './start-app.mjs';

await startApp('standalone', ['web']);
