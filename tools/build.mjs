/* `npm run build`: everything that runs, for API and workers as processes of their own. */
import { buildAll, buildProcesses, installPackages } from './steps.mjs';

try {
  await installPackages();
  await buildAll();
  await buildProcesses();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
