import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';

const INTERVAL_MS = 200;
const control = promisify(execFile);

/** CPU time so far, in kernel ticks. */
export interface ProcessorTime {
  /** Of all processes. */
  all: number;
  /** Of this process and its descendants: the test and what it tests. */
  own: number;
}

/**
 * Measures how long other processes on this machine delayed the work of a test. Five times a second a small control process reports how
 * long the kernel let it wait for a CPU; of that share of the time, the part counts in which other processes used the CPUs. CPU time of
 * the work itself is never subtracted, and on an idle machine nothing is, so a limit on `netMs` measures Teko's speed under any load.
 * Without `/proc` nothing is subtracted.
 */
export class MachineDelay {
  private delayMs = 0;
  private readonly startedAt = performance.now();
  private last = this.startedAt;
  private before = processorTime();
  private hasEnded = false;
  private readonly measuring: Promise<void>;

  private constructor() {
    this.measuring = this.sample();
  }

  /** Runs `work` and returns its result, its duration without the delay, and the delay. */
  static async measure<T>(work: () => Promise<T>): Promise<{ result: T; netMs: number; delayMs: number }> {
    const clock = new MachineDelay();
    try {
      const result = await work();
      return { result, netMs: performance.now() - clock.startedAt - clock.delayMs, delayMs: clock.delayMs };
    } finally {
      clock.hasEnded = true;
      await clock.measuring;
    }
  }

  private async sample(): Promise<void> {
    while (!this.hasEnded) {
      const queued = await queuedShare();
      const after = processorTime();
      const now = performance.now();
      this.delayMs += (now - this.last) * queued * othersShare(this.before, after);
      this.last = now;
      this.before = after;
      await delay(INTERVAL_MS);
    }
  }
}

/** Returns the share of the CPU time between two moments that other processes used, from 0 to 1. */
export function othersShare(before: ProcessorTime, after: ProcessorTime): number {
  const all = after.all - before.all;
  if (all <= 0) return 0;
  return Math.min(1, Math.max(0, (all - (after.own - before.own)) / all));
}

/** Returns the share of the duration of a small process in which it waited for a CPU, from 0 to 1. */
async function queuedShare(): Promise<number> {
  const start = performance.now();
  try {
    const { stdout } = await control('cat', ['/proc/self/schedstat']);
    const queuedMs = Number(stdout.split(' ')[1]) / 1e6;
    return Math.min(1, queuedMs / (performance.now() - start));
  } catch {
    return 0;
  }
}

function processorTime(): ProcessorTime {
  try {
    // user, nice, system, idle, iowait, irq, softirq, steal: https://docs.kernel.org/filesystems/proc.html
    const [user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'utf8')
      .split('\n', 1)[0]!
      .split(/ +/)
      .slice(1)
      .map(Number) as [number, number, number, number, number, number, number, number];
    return { all: user + nice + system + irq + softirq + steal, own: ownTicks(process.pid) };
  } catch {
    return { all: 0, own: 0 };
  }
}

/** CPU time of a process, its descendants and its exited children. */
function ownTicks(root: number): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(Number(name)) ?? []);
  const own = new Set([root]);
  for (const pid of own) for (const one of processes) if (one.parent === pid) own.add(one.pid);
  return processes.filter(({ pid }) => own.has(pid)).reduce((sum, { ticks }) => sum + ticks, 0);
}

function statOf(pid: number): { pid: number; parent: number; ticks: number } | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ').map(Number);
    const [utime, stime, cutime, cstime] = fields.slice(11, 15) as [number, number, number, number];
    return { pid, parent: fields[1]!, ticks: utime + stime + cutime + cstime };
  } catch {
    // The process has just exited.
    return null;
  }
}
