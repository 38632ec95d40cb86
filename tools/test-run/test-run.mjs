/* A run of the tests owns a folder, which is its TMPDIR, and a name, which its databases carry. A watchdog removes all of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runOf } from './leftovers.mjs';

const watchdog = fileURLToPath(new URL('watchdog.mjs', import.meta.url));

/**
 * Begins a run: this process and its children have TMPDIR and TEKO_TEST_RUN from here on. Whatever the run leaves is removed when `end`
 * is called or this process dies, however it dies. Runs nest.
 */
export function beginRun() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'teko-test-')));
  // Sandboxes reach the folders in it as another user.
  chmodSync(folder, 0o755);
  const child = spawn(process.execPath, [watchdog, folder], { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
  child.stdin.on('error', () => undefined);
  child.unref();
  process.env.TMPDIR = folder;
  process.env.TEKO_TEST_RUN = runOf(folder);
  const end = async () => {
    const ended = once(child, 'exit');
    child.ref();
    child.stdin.end();
    await ended;
  };
  return { folder, end };
}
