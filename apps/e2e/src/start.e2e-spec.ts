import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { onEnd, temporaryFolder } from './resources';
import { brokenRepository, SAMPLES } from './sample-repositories';
import { MAIN, TekoProcess } from './teko-process';

/** Only stops what hangs. */
const EXIT_TIMEOUT_MS = 120_000;

/** Starts Teko and waits for its exit; returns the exit code and the lines on stderr, without Node's warnings. */
async function failedStart(env: Record<string, string>): Promise<{ code: number | null; lines: string[] }> {
  const defaults = { TEKO_HOME: temporaryFolder('start'), PORT: '0', TEKO_DEMO: 'off', LOG_LEVEL: 'silent' };
  const child = spawn(process.execPath, [MAIN], { env: { PATH: process.env.PATH, ...defaults, ...env } });
  onEnd(() => child.kill('SIGKILL'));
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const signal = AbortSignal.timeout(EXIT_TIMEOUT_MS);
  const [code] = (await once(child, 'close', { signal }).catch(() => {
    throw new Error(`Teko did not exit within ${EXIT_TIMEOUT_MS / 1000} s. Output: ${text}`);
  })) as [number | null];
  const lines = text.trim().split('\n');
  return { code, lines: lines.filter((line) => !line.includes('Warning')) };
}

describe('a start with an invalid setting fails with one line that names it', () => {
  it('PORT in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    onEnd(() => taken.close());
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { code, lines } = await failedStart({ PORT: String(port) });
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/^PORT: port \d+ is in use/)]);
  });

  it.each([
    ['TEKO_HOME', { TEKO_HOME: '/dev/null/teko' }, /^TEKO_HOME: .* is not writable/],
    [
      'DATABASE_URL without a server',
      { DATABASE_URL: 'mysql://root:hunter22@127.0.0.1:1/teko' },
      /^DATABASE_URL: cannot connect to 127\.0\.0\.1:1/,
    ],
    ['DATABASE_URL of an unsupported database', { DATABASE_URL: 'postgres://x/y' }, /^DATABASE_URL: must look like/],
    ['TEKO_MODEL', { TEKO_MODEL: 'gpt' }, /^TEKO_MODEL: must look like/],
  ])('%s', async (_name, env, line) => {
    const { code, lines } = await failedStart(env);
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(line)]);
    expect(lines.join()).not.toContain('hunter22');
  });
});

it('stops cleanly if npm forwards a Ctrl-C that the terminal has already sent', async () => {
  const teko = await TekoProcess.start();
  const stopped = teko.kill('SIGINT');
  teko.child.kill('SIGTERM');
  await stopped;
  expect(teko.child.exitCode).toBe(0);
});

describe('a run without a prerequisite', () => {
  it('names the missing setting if no model is configured', async () => {
    const teko = await (await TekoProcess.start()).signIn();
    const task = await teko.addTask(brokenRepository(SAMPLES[0]!), { title: 'Weeks are wrong' });
    expect(await teko.finishedRun(task.id)).toMatchObject({
      status: 'failed',
      outcome: 'model_missing',
      outcomeDetail: expect.stringContaining('TEKO_MODEL'),
    });
  });

  it('names the package to install if there is no sandbox', async () => {
    const env = { TEKO_DEMO: 'on', TEKO_SANDBOX: 'docker', DOCKER_HOST: 'tcp://127.0.0.1:1' };
    const teko = await (await TekoProcess.start(env)).signIn();
    const [task] = await teko.rows('/tasks');
    const run = await teko.finishedRun(task!.id);
    expect(run).toMatchObject({ status: 'failed', outcome: 'sandbox_missing' });
    expect(run.outcomeDetail).toMatch(/apt-get install bubblewrap/);
    expect(await teko.get(`/tasks/${task!.id}`)).toMatchObject({ statusReason: run.outcomeDetail });
  });
});
