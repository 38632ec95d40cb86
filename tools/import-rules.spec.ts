import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

const BOUNDARY = '@nx/enforce-module-boundaries';
const NODE = 'no-restricted-imports';

const FORBIDDEN: [string, string, string][] = [
  ['libs/domain', '@teko/persistence', BOUNDARY],
  ['libs/contracts', '@teko/domain', BOUNDARY],
  ['libs/flow/feedback', '@teko/scheduling', BOUNDARY],
  ['libs/adapters/queue', '@teko/persistence', BOUNDARY],
  ['libs/platform', '@teko/queue', BOUNDARY],
  ...['octokit', '@nestjs/common', '@langchain/core', 'typeorm', 'zod', 'uuid'].flatMap(
    (name): [string, string, string][] => [
      ['libs/domain', name, BOUNDARY],
      ['libs/contracts', name, BOUNDARY],
    ],
  ),
  ...['node:child_process', 'child_process', 'node:fs', 'node:crypto'].flatMap((name): [string, string, string][] => [
    ['libs/domain', name, NODE],
    ['libs/contracts', name, NODE],
    ['apps/web', name, NODE],
  ]),
  ...['libs/platform', 'libs/identity', 'libs/flow/execution', 'libs/adapters/github', 'libs/adapters/memory'].map(
    (project): [string, string, string] => [project, 'node:child_process', NODE],
  ),
  ...['apps/api', 'apps/worker', 'apps/standalone'].flatMap((app): [string, string, string][] => [
    [app, 'node:child_process', NODE],
    [app, 'child_process', NODE],
    [app, 'typeorm', BOUNDARY],
    [app, 'octokit', BOUNDARY],
    [app, 'bull', BOUNDARY],
    [app, '@langchain/core', BOUNDARY],
  ]),
  ['apps/api', '@teko/sandbox', BOUNDARY],
  ['apps/api', '@teko/execution', BOUNDARY],
  ['apps/api', '@teko/models', BOUNDARY],
  ['apps/worker', 'express', BOUNDARY],
  ['apps/web', '@nestjs/common', BOUNDARY],
  ['apps/web', '@teko/domain', BOUNDARY],
  ['libs/identity', 'react', BOUNDARY],
  ['libs/flow/intake', 'octokit', BOUNDARY],
  ['libs/flow/intake', '@langchain/core', BOUNDARY],
  ['libs/flow/execution', 'typeorm', BOUNDARY],
  ['libs/flow/execution', '@langchain/openai', BOUNDARY],
  ['libs/flow/execution', 'express', BOUNDARY],
  ['libs/adapters/github', 'typeorm', BOUNDARY],
  ['libs/adapters/persistence', 'octokit', BOUNDARY],
  ['libs/adapters/persistence', 'chromadb', BOUNDARY],
  ['libs/adapters/persistence', 'ioredis', BOUNDARY],
  ['libs/adapters/memory', '@langchain/langgraph', BOUNDARY],
  ['libs/adapters/queue', 'passport', BOUNDARY],
];

async function rulesBrokenBy(text: string, path: string): Promise<(string | null)[]> {
  const [result] = await new ESLint({ cwd: root }).lintText(text, { filePath: join(root, path) });
  return result!.messages.map(({ ruleId }) => ruleId);
}

const importing = (name: string) => `import * as imported from '${name}';\nexport const planted = imported;\n`;

it.each(FORBIDDEN)('lint does not allow %s to import %s', async (project, target, rule) => {
  expect(await rulesBrokenBy(importing(target), `${project}/src/planted.ts`)).toEqual([rule]);
});

it.each([
  ['libs/domain', '@teko/contracts'],
  ['libs/platform', 'node:path'],
  ['libs/flow/execution', '@langchain/langgraph'],
  ['libs/adapters/github', 'octokit'],
  ['libs/adapters/local', 'node:child_process'],
  ['libs/adapters/sandbox', 'node:child_process'],
  ['libs/adapters/memory', 'chromadb'],
  ['libs/adapters/persistence', 'typeorm'],
  ['libs/adapters/queue', 'bull'],
  ['apps/api', '@teko/local'],
  ['apps/web', 'react'],
])('lint allows %s to import %s', async (project, target) => {
  expect(await rulesBrokenBy(importing(target), `${project}/src/planted.ts`)).toEqual([]);
});

it.each([
  ['import()', "export const planted = import('node:child_process');\n"],
  [
    'require()',
    "import { createRequire } from 'node:module';\nexport const planted = createRequire('/')('child_process');\n",
  ],
  ['getBuiltinModule()', "export const planted = process.getBuiltinModule('node:child_process');\n"],
  ['import() of a template', 'export const planted = import(`node:child_process`);\n'],
  ['process.binding()', 'export const planted = process.binding;\n'],
  ['import() of a variable', "const name = 'node:child_process';\nexport const planted = import(name);\n"],
])('lint does not allow the API to load child_process with %s', async (_name, text) => {
  expect(await rulesBrokenBy(text, 'apps/api/src/planted.ts')).toEqual(['no-restricted-syntax']);
  expect(await rulesBrokenBy(text, 'apps/api/src/planted.controller.ts')).toEqual(['no-restricted-syntax']);
});

it.each([
  "export const planted = import('node:fs');\n",
  'export const planted = import(`typeorm`);\n',
  "export const planted = process.getBuiltinModule('fs');\n",
])('lint does not allow the domain %s', async (text) => {
  expect(await rulesBrokenBy(text, 'libs/domain/src/planted.ts')).toEqual(['no-restricted-syntax']);
});

it.each([
  ['libs/adapters/github', 'octokit', '@nx/dependency-checks'],
  ['libs/adapters/github', '@teko/domain', '@nx/dependency-checks'],
  ['libs/flow/execution', '@langchain/langgraph-checkpoint', '@nx/dependency-checks'],
  ['apps/web', '@mui/material', '@nx/dependency-checks'],
  ['libs/adapters/github', 'emulate', 'teko/declared-test-dependencies'],
  ['libs/adapters/memory', 'fast-check', 'teko/declared-test-dependencies'],
  ['apps/e2e', 'playwright-core', 'teko/declared-test-dependencies'],
])('lint requires %s to declare %s', async (project, name, rule) => {
  const path = `${project}/package.json`;
  const manifest = JSON.parse(readFileSync(join(root, path), 'utf8'));
  expect(await rulesBrokenBy(JSON.stringify(manifest), path)).toEqual([]);
  delete manifest.dependencies?.[name];
  delete manifest.devDependencies?.[name];
  expect(await rulesBrokenBy(JSON.stringify(manifest), path)).toContain(rule);
});

it('lint refuses a package that nothing imports', async () => {
  const path = 'libs/platform/package.json';
  const manifest = JSON.parse(readFileSync(join(root, path), 'utf8'));
  manifest.dependencies.octokit = '5.0.5';
  expect(await rulesBrokenBy(JSON.stringify(manifest), path)).toEqual(['@nx/dependency-checks']);
});

it('lint fails where Nx has no project graph', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lint-'));
  const script = `import { requireProjectGraph } from ${JSON.stringify(join(root, 'tools/lint/project-graph.mjs'))};
    await requireProjectGraph();
    console.log('it has one');`;
  const lint = (env: Record<string, string>) =>
    spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: root,
      env: { ...process.env, ...env },
    });
  const emptyCache = { NX_TASK_TARGET_PROJECT: '@teko/domain', NX_WORKSPACE_DATA_DIRECTORY: join(folder, 'data') };
  const { status, stdout, stderr } = lint(emptyCache);
  expect([status, stdout.toString()]).toEqual([1, '']);
  expect(stderr.toString()).toContain('Lint needs the Nx project graph, which is not available');
  // Called by itself, it has Nx compute one.
  const alone = lint({ ...emptyCache, NX_TASK_TARGET_PROJECT: '' });
  expect([alone.status, alone.stdout.toString()], alone.stderr.toString()).toEqual([0, 'it has one\n']);
});

it('lint does not allow processes with a shared Chroma to start one', async () => {
  const text = "export { ChromaServer } from '@teko/memory/chroma-server';\n";
  const rulesOf = (app: string) => rulesBrokenBy(text, `${app}/src/planted.ts`);
  expect(await rulesOf('apps/api')).toContain('no-restricted-imports');
  expect(await rulesOf('apps/standalone')).not.toContain('no-restricted-imports');
});

it('lint requires an access decorator on every route', async () => {
  const route = (decorators: string) =>
    `import { Get } from '@nestjs/common';\nexport class X {\n  ${decorators}\n  show(): number {\n    return 1;\n  }\n}\n`;
  const rulesOf = (text: string) => rulesBrokenBy(text, 'apps/api/src/planted.controller.ts');
  expect(await rulesOf(route("@Get(':id')"))).toContain('no-restricted-syntax');
  expect(await rulesOf(route("@Get(':id') @Endpoint({ summary: 'x' })"))).not.toContain('no-restricted-syntax');
});
