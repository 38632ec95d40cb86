import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_SANDBOX_LIMITS } from '../../../libs/adapters/sandbox/src/limits';
import { createSandbox } from '../../../libs/adapters/sandbox/src/create-sandbox';

/** What a sandbox with the same isolation costs without Teko. */
const BARE = [
  'bwrap --unshare-all --unshare-user --disable-userns --die-with-parent --new-session --clearenv --hostname sandbox',
  '--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64 --proc /proc --dev /dev',
  '--size 67108864 --tmpfs /dev/shm --size 67108864 --tmpfs /tmp --bind WORKSPACE /workspace --chdir /workspace --remount-ro /',
  'true',
]
  .join(' ')
  .split(' ');

/** Measures what the sandbox of this host costs. `npm run bench -- sandbox 100` sets the number of measurements. */
export async function main([count = '100']: string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'teko-bench-sandbox-'));
  const workspace = join(folder, 'workspace');
  mkdirSync(workspace);
  const sandbox = await createSandbox({ kind: 'auto', image: 'node:20-bookworm' });
  const open = () => sandbox.open({ runId: 'bench', workspace, limits: DEFAULT_SANDBOX_LIMITS });
  const times: Record<string, number[]> = {};
  const measure = async <T>(name: string, use: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    const result = await use();
    (times[name] ??= []).push(performance.now() - startedAt);
    return result;
  };
  const nsenter = process.getuid?.() === 0 ? ['setpriv', '--reuid', '60000', '--regid', '60000', '--clear-groups'] : [];
  const bare = [...nsenter, ...BARE.map((part) => part.replace('WORKSPACE', tmpdir()))];
  try {
    for (let i = 0; i < Number(count) / 5; i++) {
      const session = await measure('open', open);
      await session.writeFile('first', 'x');
      for (let j = 0; j < 5; j++) {
        await measure('bare bwrap', async () => {
          const child = spawn(bare[0]!, bare.slice(1), { stdio: 'pipe', env: { PATH: '/usr/bin:/bin' } });
          child.stdin.end();
          child.stdout.resume();
          child.stderr.resume();
          await once(child, 'close');
        });
        await measure('command', () => session.exec(['true']));
        await measure('write a file', () => session.writeFile('a.txt', 'text'));
        await measure('read a file', () => session.readFile('a.txt'));
      }
      await measure('close', () => session.close());
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(`${sandbox.kind}, ms\n| | p10 | p50 | p90 |\n| --- | --- | --- | --- |\n`);
  for (const [name, values] of Object.entries(times)) {
    const sorted = values.sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(sorted.length * share)]!.toFixed(1);
    process.stdout.write(`| ${name} | ${at(0.1)} | ${at(0.5)} | ${at(0.9)} |\n`);
  }
}
