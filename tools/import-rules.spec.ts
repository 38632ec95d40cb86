import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

const FORBIDDEN: [string, string][] = [
  ['libs/domain', '@teko/persistence'],
  ['libs/contracts', '@teko/domain'],
  ['libs/flow/feedback', '@teko/scheduling'],
  ['libs/adapters/queue', '@teko/persistence'],
  ['libs/platform', '@teko/queue'],
];

async function rulesBrokenBy(text: string, path: string): Promise<(string | null)[]> {
  const [result] = await new ESLint({ cwd: root }).lintText(text, { filePath: join(root, path) });
  return result!.messages.map(({ ruleId }) => ruleId);
}

/* Without a project graph in Nx's cache the rule of Nx passes everything. */
beforeAll(() => {
  vi.stubEnv('NX_DAEMON', 'false');
  execFileSync(process.execPath, ['node_modules/nx/dist/bin/nx.js', 'show', 'projects'], { cwd: root });
});
afterAll(() => vi.unstubAllEnvs());

it.each(FORBIDDEN)('lint refuses that %s imports %s', async (project, target) => {
  const importing = (name: string) => `import * as imported from '${name}';\nexport const planted = imported;\n`;
  const path = `${project}/src/planted.ts`;
  expect(await rulesBrokenBy(importing(target), path)).toContain('@nx/enforce-module-boundaries');
  expect(await rulesBrokenBy(importing('node:path'), path)).toEqual([]);
});

it('lint refuses that a process that shares its Chroma starts one', async () => {
  const text = "export { ChromaServer } from '@teko/memory/chroma-server';\n";
  const rulesOf = (app: string) => rulesBrokenBy(text, `${app}/src/planted.ts`);
  expect(await rulesOf('apps/api')).toContain('no-restricted-imports');
  expect(await rulesOf('apps/standalone')).not.toContain('no-restricted-imports');
});

it('lint refuses a route that does not say who may call it', async () => {
  const route = (decorators: string) =>
    `import { Get } from '@nestjs/common';\nexport class X {\n  ${decorators}\n  show(): number {\n    return 1;\n  }\n}\n`;
  const rulesOf = (text: string) => rulesBrokenBy(text, 'apps/api/src/planted.controller.ts');
  expect(await rulesOf(route("@Get(':id')"))).toContain('no-restricted-syntax');
  expect(await rulesOf(route("@Get(':id') @Endpoint({ summary: 'x' })"))).not.toContain('no-restricted-syntax');
});
