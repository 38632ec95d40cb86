import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createSandbox } from './create-sandbox';
import { DEFAULT_SANDBOX_LIMITS } from './limits';

const image = 'sandbox';

it('uses the unsafe host only if it is named', async () => {
  expect((await createSandbox({ kind: 'auto', image })).kind).not.toBe('unsafe-host');
  expect((await createSandbox({ kind: 'unsafe-host', image })).kind).toBe('unsafe-host');
});

it('runs commands on the unsafe host with a clean environment, and restricts file access to the workspace', async () => {
  vi.stubEnv('TEKO_TEST_HOST', 'canary');
  const workspace = mkdtempSync(join(tmpdir(), 'teko-host-'));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(workspace, { recursive: true });
  });
  const sandbox = await createSandbox({ kind: 'unsafe-host', image });
  const session = await sandbox.open({ runId: 'r', workspace, limits: DEFAULT_SANDBOX_LIMITS });
  onTestFinished(() => session.close());
  await session.writeFile('a.txt', 'text');
  const { head, code } = await session.exec(['bash', '-c', 'cat a.txt; env']);
  expect(code).toBe(0);
  expect(head).toContain('text');
  expect(head).not.toContain('canary');
  await expect(session.readFile('../x')).rejects.toThrow(/outside/);
});
