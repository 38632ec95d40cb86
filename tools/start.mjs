/* `npm start`: API, worker and panel in one process, without any service. */
import { startApp } from './start-app.mjs';

await startApp('standalone', {
  script: 'npm start',
  purpose: 'Starts Teko: API, worker and panel in one process, without any service.',
  beside: ['web'],
});
