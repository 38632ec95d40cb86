import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { processesWithArgument } from '@teko/testing';
import { expect, it, onTestFinished, vi } from 'vitest';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const vitest = here('../../node_modules/vitest/vitest.mjs');
const WAIT = { timeout: 50_000, interval: 50 };

/** A run that starts a process which outlives it, and prints both. */
const LEAKING_RUN = `
  import { spawn } from 'node:child_process';
  import { writeFileSync } from 'node:fs';
  import { beginRun } from ${JSON.stringify(here('test-run.mjs'))};
  const run = beginRun();
  const { folder } = run;
  writeFileSync(folder + '/file', '');
  const { pid } = spawn('sleep', ['3600'], { detached: true, stdio: 'ignore' });
  console.log(JSON.stringify({ folder, pid }));
  setInterval(() => undefined, 1000);
`;

async function firstLine(child: ChildProcess): Promise<{ folder: string; pid: number }> {
  let text = '';
  for await (const chunk of child.stdout!) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  return JSON.parse(text);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it.each(['SIGKILL', 'SIGINT'] as const)('leaves no process and no file if the run is ended by %s', async (signal) => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', LEAKING_RUN], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const { folder, pid } = await firstLine(child);
  expect([isAlive(pid), existsSync(join(folder, 'file'))]).toEqual([true, true]);
  child.kill(signal);
  await once(child, 'exit');
  await vi.waitFor(() => expect([isAlive(pid), existsSync(folder)]).toEqual([false, false]), WAIT);
});

it('ends the run and leaves nothing if npm is killed', async () => {
  // With a shell in between, as npm does it.
  const shell = spawn('sh', ['-c', '"$0" --input-type=module --eval "$1"; true', process.execPath, LEAKING_RUN], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, npm_command: 'run' },
  });
  onTestFinished(() => void shell.kill('SIGKILL'));
  const { folder, pid } = await firstLine(shell);
  shell.kill('SIGKILL');
  await vi.waitFor(() => expect([isAlive(pid), existsSync(folder)]).toEqual([false, false]), WAIT);
});

it('reports a killed watchdog and leaves nothing', async () => {
  const script = `${LEAKING_RUN}
    process.stdin.once('data', async () => {
      console.log(JSON.stringify({ isGood: await run.end() }));
      process.exit(0);
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['pipe', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const { folder, pid } = JSON.parse((await lines.next()).value) as { folder: string; pid: number };
  const [watchdog] = processesWithArgument(folder).filter(({ command }) => command[1]?.endsWith('watchdog.mjs'));
  process.kill(watchdog!.pid, 'SIGKILL');
  child.stdin.end('end\n');
  expect(JSON.parse((await lines.next()).value)).toEqual({ isGood: false });
  expect(existsSync(folder)).toBe(false);
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), WAIT);
});

it('fails tests that leave a process, names the process and ends it', async () => {
  const root = mkdtempSync(join(tmpdir(), 'leak-'));
  const config = { test: { globals: true, include: ['leak.spec.js'], globalSetup: [here('global-setup.mjs')] } };
  writeFileSync(join(root, 'vitest.config.mjs'), `export default ${JSON.stringify(config)};`);
  writeFileSync(
    join(root, 'leak.spec.js'),
    `import { spawn } from 'node:child_process';
     it('passes', () => void spawn('sleep', ['3611'], { detached: true, stdio: 'ignore' }).unref());`,
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, [vitest, 'run', '--root', root], { timeout: 50_000 });
  const output = `${stdout.toString()}${stderr.toString()}`;
  expect(output).toContain('1 passed');
  expect(status, output).toBe(1);
  const [, pid, command] = /left behind: process (\d+): (.*)/.exec(output)!;
  expect(command).toBe('sleep 3611');
  await vi.waitFor(() => expect(isAlive(Number(pid))).toBe(false), WAIT);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('teko-test-') && name !== basename(tmpdir()))).toEqual(
    [],
  );
});
