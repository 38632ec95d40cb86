/* `npm run check:licenses`: fails if a package of the lock file has a licence that is not allowed. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../steps.mjs';
import { unusedExceptions, violations } from './licenses.mjs';

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const manifest = (path) => {
  const file = join(root, path, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
};
const refused = violations(packages, manifest);
const unused = unusedExceptions(packages);
for (const line of refused) console.error(`${line} is not an allowed licence. See tools/licenses/licenses.mjs.`);
for (const name of unused) console.error(`${name}: no package needs this exception any more.`);
if (refused.length + unused.length > 0) process.exitCode = 1;
else console.log(`The licences of ${Object.keys(packages).length} packages are allowed.`);
