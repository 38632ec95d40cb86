/* `npm run build`: everything that runs, for API and workers as processes of their own. */
import { build, installPackages } from './steps.mjs';

try {
  await installPackages();
  await build(['web', 'standalone', 'api', 'worker']);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
