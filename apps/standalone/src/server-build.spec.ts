import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';
import { expect, it } from 'vitest';
import { EXTERNAL } from '@teko/server-build';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Modules that must not be loaded at start, each with the event that loads it. */
const LAZY = [
  /\/node_modules\/(@langchain|langsmith)\//, // a run or a model call
  /\/node_modules\/(octokit|@octokit)\//, // a call to GitHub
  /\/node_modules\/(openid-client|oauth4webapi|passport-github2)\//, // a sign-in by OAuth
  /\/node_modules\/@nestjs\/bull\//, // a process with Redis
  /\/node_modules\/linguist-languages\//, // an analysis
  /\/node_modules\/(libphonenumber-js|vite|typescript|playwright-core)\//, // never
];
const LAZY_EXTERNAL = [
  'bull',
  'ioredis',
  'mysql2',
  'chromadb',
  'libsql',
  '@node-rs/argon2',
  '@vscode/tree-sitter-wasm',
];

/** Returns the innermost package of a module's path. */
const packageOf = (id: string) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1] ?? null;

async function chunksOf(app: string): Promise<Map<string, Rolldown.OutputChunk>> {
  const options = { write: false, sourcemap: false, reportCompressedSize: false };
  const folder = join(root, 'apps', app);
  const built = await build({ root: folder, logLevel: 'silent', build: options });
  const { output } = built as Rolldown.RolldownOutput;
  return new Map(output.flatMap((one) => (one.type === 'chunk' ? [[one.fileName, one]] : [])));
}

/** Returns the chunks that `names` import statically, directly or indirectly. */
function staticImportsOf(chunks: Map<string, Rolldown.OutputChunk>, names: string[]) {
  const files = new Set(names);
  for (const name of files) for (const imported of chunks.get(name)?.imports ?? []) files.add(imported);
  const own = [...files].flatMap((name) => chunks.get(name) ?? []);
  return {
    own,
    external: [...files].filter((name) => !chunks.has(name)),
    modules: own.flatMap((one) => one.moduleIds),
  };
}

it.each(['standalone', 'api', 'worker'])('%s loads no lazy modules at start', { timeout: 120_000 }, async (app) => {
  const chunks = await chunksOf(app);
  const entry = chunks.get('main.js')!;
  expect(entry.code.length, 'main.js enables the compile cache before other modules are loaded').toBeLessThan(2_000);
  const { own, external, modules } = staticImportsOf(chunks, ['main.js', ...entry.dynamicImports]);
  expect(modules.length).toBeGreaterThan(500);
  expect(modules.filter((id) => LAZY.some((pattern) => pattern.test(id)))).toEqual([]);
  expect(external.filter((name) => LAZY_EXTERNAL.includes(name))).toEqual([]);
  expect(own.length).toBeLessThan(25);

  const all = [...chunks.values()].flatMap((one) => one.moduleIds);
  expect(all.filter((id) => EXTERNAL.includes(packageOf(id) ?? ''))).toEqual([]);
  expect(
    all.filter((id) => /\/(class-validator|class-transformer)\/cjs\//.test(id)),
    'a second copy',
  ).toEqual([]);
});
