/* Checks the types of server and panel with the native compiler. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './steps.mjs';

const compiler = join(root, 'node_modules', 'ts7', 'bin', 'tsc');
const projects = ['tsconfig.json', 'apps/web/tsconfig.json'].filter((file) => existsSync(join(root, file)));
const codes = [];
for (const project of projects) codes.push(await run(process.execPath, [compiler, '-p', project, '--noEmit']));
process.exit(Math.max(...codes));
