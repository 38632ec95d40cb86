import type { ExceededLimit } from '@teko/domain';
import type { CommandRun } from './command-run';
import type { LimitProbe } from './launcher';

const INTERVAL_MS = 50;

/** Checks the limits of a session while its commands are running, and kills them when one is exceeded. */
export class LimitWatch {
  private readonly running = new Set<CommandRun>();
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly probes: LimitProbe[],
    private readonly onFatal: (reason: string) => void,
  ) {}

  get commands(): ReadonlySet<CommandRun> {
    return this.running;
  }

  add(run: CommandRun): void {
    this.running.add(run);
    this.timer ??= this.schedule();
  }

  remove(run: CommandRun): void {
    this.running.delete(run);
    if (this.running.size > 0 || !this.timer) return;
    clearTimeout(this.timer);
    this.timer = null;
  }

  /** Returns the limit that was exceeded, or null. A probe that fails measures nothing. */
  async check(ended: boolean): Promise<ExceededLimit | null> {
    const commands = [...this.running].map(({ command }) => command);
    for (const probe of this.probes) {
      const limit = await Promise.resolve()
        .then(() => probe.check(commands, ended))
        .catch(() => null);
      if (probe.fatal) this.onFatal(`the sandbox ended because ${probe.fatal}`);
      if (limit) return limit;
    }
    return null;
  }

  private schedule(): NodeJS.Timeout {
    return setTimeout(() => void this.tick(), INTERVAL_MS).unref();
  }

  private async tick(): Promise<void> {
    const limit = await this.check(false);
    if (limit) for (const run of this.running) run.exceed(limit);
    if (this.timer) this.timer = this.schedule();
  }
}
