/* `npm run start:api`: API and panel, for an installation with several processes. */
import { startApp } from './start-app.mjs';

await startApp('api', {
  script: 'npm run start:api',
  purpose: 'Starts API and panel, for an installation with several processes.',
  beside: ['web'],
});
