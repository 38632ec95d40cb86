/*
 * `npm run fuzz -- --minutes 60 --seed 1`: checks everything that reads hostile input with generated inputs. Each target runs in a
 * process of its own with bounded memory, in turns of a minute; one that crashes, hangs or grows fails. A failure prints its input file:
 * `npm run fuzz -- --target bundle --replay FILE` repeats it.
 */
import { fork } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const TARGETS = ['file-channel', 'report', 'diff', 'bundle', 'settings-file', 'text', 'webhook', 'paths', 'redaction'];
const TURN_MS = 60_000;
const MAX_HEAP_MB = 512;
/** A process that says nothing for this much of its own processor time, or for this long, hangs. */
const SILENT_CPU_MS = 60_000;
const SILENCE_MS = 30 * 60_000;
const CHECK_MS = 5_000;

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    target: { type: 'string', multiple: true },
    replay: { type: 'string' },
    failures: { type: 'string', default: 'fuzz-failures' },
  },
});
const [minutes, seed] = [Number(options.minutes), Number(options.seed)];
const targets = options.target ?? TARGETS;
if (!(minutes > 0) || !Number.isInteger(seed) || targets.some((name) => !TARGETS.includes(name))) {
  console.error(
    `Usage: npm run fuzz -- [--minutes N] [--seed N] [--target NAME]... [--replay FILE]. Targets: ${TARGETS.join(', ')}`,
  );
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'teko-fuzz-run-'));
const inputFile = join(folder, 'input');
const totals = new Map(targets.map((name) => [name, { inputs: 0, maxHeapMb: 0, seconds: 0 }]));
let failures = 0;
try {
  if (options.replay)
    await turn(targets[0], { replay: readFileSync(options.replay).toString('base64'), durationMs: 0 });
  else await fuzz();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failures > 0 ? 1 : 0;

async function fuzz() {
  const end = Date.now() + minutes * 60_000;
  const turnMs = Math.min(TURN_MS, (minutes * 60_000) / targets.length);
  console.log(`Fuzzing ${targets.join(', ')} for ${minutes} minutes, seed ${seed}.`);
  for (let n = 0; Date.now() < end; n++) {
    const name = targets[n % targets.length];
    await turn(name, { durationMs: Math.min(turnMs, end - Date.now()), firstIteration: totals.get(name).inputs });
  }
  console.table(Object.fromEntries(totals));
  console.log(failures === 0 ? 'No failure.' : `${failures} failures; their inputs are in ${options.failures}.`);
}

/** Runs a target for a while and counts what happened. */
async function turn(name, task) {
  const start = Date.now();
  const total = totals.get(name);
  const { inputs, failure, heap } = await watched(name, { target: name, seed, firstIteration: 0, inputFile, ...task });
  total.inputs += inputs;
  total.maxHeapMb = Math.max(total.maxHeapMb, Math.round(heap / 1024 / 1024));
  total.seconds += Math.round((Date.now() - start) / 1000);
  if (!failure) return void (task.replay && console.log('The input is handled.'));
  failures++;
  console.error(`\n${name}: ${failure}\n${keepInput(name)}`);
  // The input that failed is not tried again.
  total.inputs++;
}

/** Resolves to what a worker reported until it ended, and why it failed, if it did. */
function watched(name, task) {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(new URL('worker.mjs', import.meta.url)), {
      execArgv: [`--max-old-space-size=${MAX_HEAP_MB}`],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const state = { inputs: 0, heap: 0, failure: null };
    let isDone = false;
    let last = { at: Date.now(), cpuMs: 0 };
    const timer = setInterval(() => {
      const cpuMs = cpuMsOf(child.pid);
      if (cpuMs - last.cpuMs < SILENT_CPU_MS && Date.now() - last.at < SILENCE_MS) return;
      state.failure = `hangs: no sign of life for ${SILENT_CPU_MS / 1000} s of processor time`;
      child.kill('SIGKILL');
    }, CHECK_MS);
    child.on('message', (message) => {
      last = { at: Date.now(), cpuMs: cpuMsOf(child.pid) };
      if (message.iteration !== undefined) state.inputs = message.iteration - task.firstIteration;
      if ('heap' in message) state.heap = Math.max(state.heap, message.heap);
      if ('done' in message) [state.inputs, isDone] = [message.done, true];
      if ('failure' in message) state.failure = message.failure;
    });
    child.on('exit', (code, signal) => {
      clearInterval(timer);
      if (!state.failure && !isDone && !task.replay)
        state.failure = `the process ended (${signal ?? `exit code ${code}`})`;
      if (!state.failure && code !== 0) state.failure = `the process ended with exit code ${code}`;
      resolve(state);
    });
    child.send(task);
  });
}

/** The processor time of a process so far, in steps of 10 ms; 0 where the system does not say. */
function cpuMsOf(pid) {
  try {
    const [user, system] = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')
      .slice(11, 13);
    return (Number(user) + Number(system)) * 10;
  } catch {
    return 0;
  }
}

function keepInput(name) {
  if (options.replay || !existsSync(inputFile)) return '';
  mkdirSync(options.failures, { recursive: true });
  const kept = join(options.failures, `${name}-${seed}-${failures}`);
  copyFileSync(inputFile, kept);
  return `Repeat it with: npm run fuzz -- --target ${name} --replay ${kept}`;
}
