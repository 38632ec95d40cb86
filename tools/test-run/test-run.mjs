/* A test run has its own folder, which is its TMPDIR, and a name, which its databases contain. A watchdog removes both. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runOf } from './leftovers.mjs';

const watchdog = fileURLToPath(new URL('watchdog.mjs', import.meta.url));
const PARENT_CHECK_MS = 500;

/**
 * Begins a run and sets TMPDIR and TEKO_TEST_RUN for this process and its children. Everything the run leaves, and `folders`, is removed
 * when `end` is called or this process dies for any reason. Runs can be nested. `end` resolves to false if the watchdog has died.
 */
export function beginRun({ folders = [] } = {}) {
  endWithNpm();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'teko-test-')));
  // Sandboxes access it as another user.
  chmodSync(folder, 0o755);
  const args = [watchdog, folder, ...folders];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
  child.stdin.on('error', () => undefined);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.unref();
  process.env.TMPDIR = folder;
  process.env.TEKO_TEST_RUN = runOf(folder);
  const end = async () => {
    child.ref();
    child.stdin.end();
    if ((await exited) === 0) return true;
    console.error('The watchdog of the tests has died.');
    spawnSync(process.execPath, args, { input: '', stdio: ['pipe', 'ignore', 'inherit'] });
    return false;
  };
  return { folder, end };
}

/** Ends this process if npm is killed. npm does not forward that to its script, so the tests would keep running unnoticed. */
function endWithNpm() {
  const parent = process.ppid;
  if (!process.env.npm_command) return;
  const timer = setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, PARENT_CHECK_MS);
  timer.unref();
}
