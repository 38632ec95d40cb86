import type { Diagnosis, SandboxCheck } from '@teko/domain';
import { expect, it } from 'vitest';
import { doctor } from './doctor';

async function runDoctor(
  kind: 'token' | null,
  diagnoses: Diagnosis[],
  { missing = null, checks = [] }: { missing?: string | null; checks?: SandboxCheck[] } = {},
) {
  const lines: string[] = [];
  const sandbox = {
    kind: 'bubblewrap' as const,
    unavailableReason: async () => missing,
    checks: async () => checks,
  };
  const code = await doctor({ kind, diagnose: async () => diagnoses }, sandbox, (line) => lines.push(line));
  return { code, text: lines.join('\n') };
}

const passed = { name: 'clock', ok: true, detail: 'The clock is correct.', remedy: null };
const failed = { name: 'permissions', ok: false, detail: 'Issues cannot be written.', remedy: 'Grant write access.' };

it('prints each diagnosis with its remedy and returns 1 if one failed', async () => {
  expect(await runDoctor('token', [passed])).toEqual({
    code: 0,
    text: 'ok    sandbox: bubblewrap\nok    clock: The clock is correct.',
  });
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

it('prints how each limit of the sandbox is enforced, and returns 1 if there is no sandbox', async () => {
  const checks: SandboxCheck[] = [
    { name: 'memory', enforcement: 'watch', detail: 'Measured several times a second.', remedy: 'Use control groups.' },
    { name: 'processes', enforcement: 'kernel', detail: 'Limited by the kernel.', remedy: null },
    { name: 'system calls', enforcement: 'none', detail: 'There is no filter.', remedy: 'Use x86_64.' },
  ];
  const { code, text } = await runDoctor('token', [passed], { checks });
  expect(code).toBe(0);
  expect(text).toContain(
    'watch sandbox memory: Measured several times a second.\n      Use control groups.\nok    sandbox pro',
  );
  expect(text).toContain('NONE  sandbox system calls: There is no filter.\n      Use x86_64.');
  expect(await runDoctor('token', [passed], { missing: 'bubblewrap is not installed' })).toEqual({
    code: 1,
    text: expect.stringContaining('FAIL  sandbox: bubblewrap is not installed.'),
  });
});
