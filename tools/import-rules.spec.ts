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
