import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { brokenRepository, SAMPLES } from './sample-repositories';
import { MAIN, TekoProcess } from './teko-process';

const home = () => mkdtempSync(join(tmpdir(), 'teko-start-'));

function failedStart(env: Record<string, string>) {
  const { status, stderr } = spawnSync(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH, TEKO_HOME: home(), PORT: '0', LOG_LEVEL: 'silent', ...env },
    timeout: 30_000,
  });
  const lines = stderr
    .toString()
    .trim()
    .split('\n')
    .filter((line) => !line.includes('Warning'));
  return { status, lines };
}

describe('a start that cannot be ends in one clear line that names the setting', () => {
  it('PORT in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const child = spawn(process.execPath, [MAIN], {
      env: { PATH: process.env.PATH, TEKO_HOME: home(), PORT: String(port), TEKO_DEMO: 'off', LOG_LEVEL: 'silent' },
    });
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    taken.close();
    expect(code).toBe(1);
    expect(text.trim().split('\n')).toEqual([expect.stringMatching(/^PORT: port \d+ is in use/)]);
  });

  it.each([
    ['TEKO_HOME', { TEKO_HOME: '/dev/null/teko' }, /^TEKO_HOME: .* cannot be written/],
    [
      'DATABASE_URL that does not answer',
      { DATABASE_URL: 'mysql://root:hunter22@127.0.0.1:1/teko' },
      /^DATABASE_URL: no connection to 127\.0\.0\.1:1/,
    ],
    ['DATABASE_URL of another kind', { DATABASE_URL: 'postgres://x/y' }, /^DATABASE_URL: must look like/],
    ['TEKO_MODEL', { TEKO_MODEL: 'gpt' }, /^TEKO_MODEL: must look like/],
  ])('%s', (_name, env, line) => {
    const { status, lines } = failedStart(env);
    expect(status).toBe(1);
    expect(lines).toEqual([expect.stringMatching(line)]);
    expect(lines.join()).not.toContain('hunter22');
  });
});

describe('a run that cannot be', () => {
  let teko: TekoProcess | undefined;
  afterEach(() => teko?.stop());

  it('says which setting is missing when no model is set', async () => {
    teko = await (await TekoProcess.start()).signIn();
    const task = await teko.addTask(brokenRepository(SAMPLES[0]!), { title: 'Weeks are wrong' });
    expect(await teko.finishedRun(task.id)).toMatchObject({
      status: 'failed',
      outcome: 'model_missing',
      outcomeDetail: expect.stringContaining('TEKO_MODEL'),
    });
  });

  it('says what to install where there is no sandbox', async () => {
    const env = { TEKO_DEMO: 'on', TEKO_SANDBOX: 'docker', DOCKER_HOST: 'tcp://127.0.0.1:1' };
    teko = await (await TekoProcess.start(env)).signIn();
    const [task] = await teko.rows('/tasks');
    const run = await teko.finishedRun(task!.id);
    expect(run).toMatchObject({ status: 'failed', outcome: 'sandbox_missing' });
    expect(run.outcomeDetail).toMatch(/apt-get install bubblewrap/);
    expect(await teko.get(`/tasks/${task!.id}`)).toMatchObject({ statusReason: run.outcomeDetail });
  });
});
