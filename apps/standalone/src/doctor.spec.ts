import type { Diagnosis } from '@teko/domain';
import { expect, it } from 'vitest';
import { doctor } from './doctor';

async function runDoctor(kind: 'token' | null, diagnoses: Diagnosis[]) {
  const lines: string[] = [];
  const code = await doctor({ kind, diagnose: async () => diagnoses }, (line) => lines.push(line));
  return { code, text: lines.join('\n') };
}

const passed = { name: 'clock', ok: true, detail: 'The clock is correct.', remedy: null };
const failed = { name: 'permissions', ok: false, detail: 'Issues cannot be written.', remedy: 'Grant write access.' };

it('prints each diagnosis with its remedy and returns 1 if one failed', async () => {
  expect(await runDoctor('token', [passed])).toEqual({ code: 0, text: 'ok    clock: The clock is correct.' });
  const { code, text } = await runDoctor('token', [passed, failed]);
  expect([code, text]).toEqual([
    1,
    expect.stringMatching(/ok +clock.*\nFAIL +permissions: .*\n +Grant write access\./),
  ]);
});

it('prints which settings are required if GitHub is not configured', async () => {
  expect(await runDoctor(null, [])).toEqual({
    code: 1,
    text: expect.stringMatching(/GITHUB_APP_ID[\s\S]*GITHUB_TOKEN/),
  });
});
