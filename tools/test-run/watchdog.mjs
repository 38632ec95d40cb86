/* Waits until the test run ends or dies, which closes stdin. Then kills its processes and removes its databases and folders. */
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { databasesOf, dropDatabases, processesOf } from './leftovers.mjs';

const TIMEOUT_MS = 30_000;
const itself = fileURLToPath(import.meta.url);
const [folder, ...folders] = process.argv.slice(2);
const parent = process.ppid;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
process.stdin.resume();
process.stdin.on('error', () => undefined);
process.stdin.once('close', () => void clean());

async function clean() {
  const end = Date.now() + TIMEOUT_MS;
  for (let left = others(); left.length > 0 && Date.now() < end; left = others()) {
    // Watchdogs of nested runs must still drop their databases.
    for (const { pid, command } of left) if (!command.includes(itself)) kill(pid);
    await delay(50);
  }
  await dropDatabases(await databasesOf(folder));
  for (const path of [folder, ...folders])
    await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  process.exit(0);
}

function others() {
  return processesOf(folder, [parent]);
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process has ended meanwhile.
  }
}
