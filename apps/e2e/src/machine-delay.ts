import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 100;
const control = promisify(execFile);

/**
 * How long the machine kept processes waiting for a processor. While it runs it starts a small control process ten times a second,
 * which answers how long it stood in the queue of the kernel for its turn. The share of its life that it queued, taken over the
 * time since the control before it, is what any other process lost just then. On an idle machine that is nothing,
 * so a bound that is judged by `ownTime` says how fast Teko is, whatever else runs. Without Linux's figures nothing is subtracted.
 */
export class MachineDelay {
  private lostMs = 0;
  private readonly begun = performance.now();
  private last = this.begun;
  private ended = false;
  private readonly measuring: Promise<void>;

  private constructor() {
    this.measuring = this.measure();
  }

  /** Does the work while it measures; answers its result, how long it took without what the machine delayed, and that delay. */
  static async during<T>(
    work: (clock: MachineDelay) => Promise<T>,
  ): Promise<{ result: T; ownMs: number; delayMs: number }> {
    const clock = new MachineDelay();
    try {
      const result = await work(clock);
      return { result, ownMs: clock.ownTime(), delayMs: clock.lostMs };
    } finally {
      clock.ended = true;
      await clock.measuring;
    }
  }

  /** Milliseconds since the beginning, without what the machine delayed. */
  ownTime(): number {
    return performance.now() - this.begun - this.lostMs;
  }

  private async measure(): Promise<void> {
    while (!this.ended) {
      const share = await queuedShare();
      const now = performance.now();
      this.lostMs += (now - this.last) * share;
      this.last = now;
      await delay(EVERY_MS);
    }
  }
}

/** Of the time that a small process took just now, the part in which it waited for a processor. */
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
