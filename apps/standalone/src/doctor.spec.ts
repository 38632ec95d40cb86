import type { Diagnosis, SandboxCheck } from '@teko/domain';
import { readSettings, TEKO_SETTINGS } from '@teko/platform';
import { languageModels } from '@teko/worker';
import { expect, it } from 'vitest';
import { agentProfiles } from './agent-profiles';
import { doctor } from './doctor';

const CONFIGURED = { TEKO_MODEL: 'ollama:qwen' };

async function runDoctor(
  kind: 'token' | null,
  diagnoses: Diagnosis[],
  {
    missing = null,
    checks = [],
    env = CONFIGURED,
  }: { missing?: string | null; checks?: SandboxCheck[]; env?: Record<string, string> } = {},
) {
  const lines: string[] = [];
  const sandbox = {
    kind: 'bubblewrap' as const,
    unavailableReason: async () => missing,
    checks: async () => checks,
  };
  const settings = readSettings(TEKO_SETTINGS, env);
  const connection = { kind, diagnose: async () => diagnoses };
  const [models, agents] = [languageModels(settings, null), agentProfiles(settings)];
  const code = await doctor({ connection, sandbox, models, agents }, (line) => lines.push(line));
  return { code, text: lines.join('\n') };
}

const passed = { name: 'clock', ok: true, detail: 'The clock is correct.', remedy: null };
const failed = { name: 'permissions', ok: false, detail: 'Issues cannot be written.', remedy: 'Grant write access.' };

it('prints each diagnosis with its remedy and returns 1 if one failed', async () => {
  expect(await runDoctor('token', [passed])).toEqual({
    code: 0,
    text: [
      'ok    sandbox: bubblewrap',
      'ok    model ollama:qwen (Implementation agent, Review agent): It is configured; it was not called.',
      'ok    clock: The clock is correct.',
    ].join('\n'),
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

it.each<[string, Record<string, string>, number, RegExp]>([
  ['no model', {}, 1, /^FAIL {2}model \(Implementation agent, Review agent\): No model.*\n {6}Set TEKO_MODEL/m],
  [
    'a model without its key',
    { TEKO_MODEL: 'anthropic:claude-sonnet-4-5' },
    1,
    /^FAIL .*: ANTHROPIC_API_KEY is not set/m,
  ],
  ['OpenAI without a key', { TEKO_MODEL: 'openai:gpt-4.1' }, 1, /^FAIL {2}model openai:gpt-4\.1 .*: OPENAI_API_KEY/m],
  [
    'a compatible server, which needs no key',
    { TEKO_MODEL: 'openai:x', OPENAI_BASE_URL: 'http://127.0.0.1:8000/v1', TEKO_PRICES: 'openai:x=free' },
    0,
    /^ok {4}model openai:x/m,
  ],
  [
    'a model without a price',
    { TEKO_MODEL: 'openai:x', OPENAI_BASE_URL: 'http://h' },
    1,
    /^FAIL {2}model openai:x .*: The price.*TEKO_PRICES/m,
  ],
  [
    'a model of one agent only',
    { ...CONFIGURED, TEKO_MODEL: '', TEKO_MODEL_REVIEW: 'ollama:qwen' },
    1,
    /^FAIL {2}model \(Implementation agent\): No model.*\n.*\nok {4}model ollama:qwen \(Review agent\)/m,
  ],
  [
    'a fallback without its key',
    { ...CONFIGURED, TEKO_FALLBACK_MODEL: 'anthropic:claude-sonnet-4-5' },
    1,
    /^ok .*qwen.*\nFAIL {2}model anthropic:\S+ \(fallback of Implementation agent, fallback of Review agent\): ANTHROPIC/m,
  ],
])('diagnoses %s', async (_what, env, code, line) => {
  expect(await runDoctor('token', [passed], { env })).toEqual({ code, text: expect.stringMatching(line) });
});
