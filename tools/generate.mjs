/* `npm run generate`: writes every file that is made from the code: OpenAPI document, access table, types of the panel, settings. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { output, root } from './steps.mjs';

const FILES = [
  'apps/api/openapi.json',
  'apps/api/access-table.json',
  'apps/web/src/generated/api.ts',
  'docs/configuration.md',
  '.env.example',
];
/** Each of these tests compares a file with the code, and writes it if its variable is set. */
const WRITERS = ['apps/api/src/openapi.spec.ts', 'apps/api/src/access-table.spec.ts', 'libs/platform/src/docs.spec.ts'];
const WRITE = { UPDATE_OPENAPI: '1', UPDATE_ACCESS: '1', UPDATE_DOCS: '1' };

const read = (file) => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : null);
const before = FILES.map(read);
await node('vitest/vitest.mjs', ['run', '--project', 'unit', ...WRITERS], WRITE);
await node('openapi-typescript/bin/cli.js', ['apps/api/openapi.json', '-o', 'apps/web/src/generated/api.ts']);
const changed = FILES.filter((file, index) => read(file) !== before[index]);
console.log(changed.length > 0 ? changed.map((file) => `Wrote ${file}`).join('\n') : 'Every file is up to date.');

/** Runs a script of a package, and ends with its output if it fails. */
async function node(script, args, env = {}) {
  const { code, text } = await output(join(root, 'node_modules', script), args, env);
  if (code === 0) return;
  console.error(text);
  process.exit(1);
}
