/* Runs a benchmark by name: `npm run bench -- retrieval`. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withModule } from '../sources.mjs';

const [name = '', ...args] = process.argv.slice(2);
const file = join(dirname(fileURLToPath(import.meta.url)), name, 'main.ts');
if (!/^[\w-]+$/.test(name) || !existsSync(file)) {
  process.stderr.write(`There is no benchmark "${name}". Example: npm run bench -- retrieval\n`);
  process.exit(1);
}
try {
  await withModule(file, ({ main }) => main(args));
} catch (error) {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
}
