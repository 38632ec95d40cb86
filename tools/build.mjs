/* `npm run build`: builds all apps, including API and worker as separate processes. */
import { build, installPackages } from './steps.mjs';

try {
  await installPackages();
  await build(['web', 'standalone', 'api', 'worker']);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
