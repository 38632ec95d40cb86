import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

const FORBIDDEN: [string, string][] = [
  ['libs/domain', '@teko/persistence'],
  ['libs/contracts', '@teko/domain'],
  ['libs/flow/feedback', '@teko/scheduling'],
  ['libs/adapters/queue', '@teko/persistence'],
  ['libs/platform', '@teko/queue'],
];

it.each(FORBIDDEN)('lint refuses that %s imports %s', { timeout: 120_000 }, async (project, target) => {
  const planted = join(root, project, 'src', 'planted.ts');
  process.env.NX_DAEMON = 'false';
  try {
    writeFileSync(planted, `import * as forbidden from '${target}';\nexport const planted = forbidden;\n`);
    const [result] = await new ESLint({ cwd: root }).lintFiles([planted]);
    expect(result?.messages.map(({ ruleId }) => ruleId)).toContain('@nx/enforce-module-boundaries');
  } finally {
    rmSync(planted, { force: true });
  }
});

it('lint refuses that a process that shares its Chroma starts one', async () => {
  const text = "export { ChromaServer } from '@teko/memory/chroma-server';\n";
  const rulesOf = async (app: string) => {
    const [result] = await new ESLint({ cwd: root }).lintText(text, { filePath: join(root, app, 'src/planted.ts') });
    return result!.messages.map(({ ruleId }) => ruleId);
  };
  expect(await rulesOf('apps/api')).toContain('no-restricted-imports');
  expect(await rulesOf('apps/standalone')).not.toContain('no-restricted-imports');
});

it('lint refuses a route that does not say who may call it', async () => {
  const route = (decorators: string) =>
    `import { Get } from '@nestjs/common';\nexport class X {\n  ${decorators}\n  show(): number {\n    return 1;\n  }\n}\n`;
  const filePath = join(root, 'apps/api/src/planted.controller.ts');
  const rulesOf = async (text: string) => {
    const [result] = await new ESLint({ cwd: root }).lintText(text, { filePath });
    return result!.messages.map(({ ruleId }) => ruleId);
  };
  expect(await rulesOf(route("@Get(':id')"))).toContain('no-restricted-syntax');
  expect(await rulesOf(route("@Get(':id') @Endpoint({ summary: 'x' })"))).not.toContain('no-restricted-syntax');
});
