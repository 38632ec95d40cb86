import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const vitest = here('../../node_modules/vitest/vitest.mjs');
const WAIT = { timeout: 50_000, interval: 50 };

/** A run that starts a process which survives it, and says so. */
const LEAKING_RUN = `
  import { spawn } from 'node:child_process';
  import { writeFileSync } from 'node:fs';
  import { beginRun } from ${JSON.stringify(here('test-run.mjs'))};
  const { folder } = beginRun();
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

it.each(['SIGKILL', 'SIGINT'] as const)('a run ended by %s leaves no process and no file', async (signal) => {
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

it('tests that leave a process fail, and the process is named and ended', async () => {
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
