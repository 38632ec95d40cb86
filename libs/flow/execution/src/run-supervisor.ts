import type { Clock, Lease, RunRepository } from '@teko/domain';
import { Stopped, type StopCause } from './run-result';

const CHECK_INTERVAL_MS = 1_000;

/**
 * Keeps the right to work on a run and hears of its end: renews the lease, sees a cancel within a second, counts the
 * time. `signal` aborts with a Stopped that says why.
 */
export class RunSupervisor {
  private readonly controller = new AbortController();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly onShutdown = () => this.stop('shutdown');
  private looking = false;

  constructor(
    private readonly lease: Lease,
    private readonly runs: RunRepository,
    private readonly clock: Clock,
    private readonly options: { leaseTtlMs: number; wallMs: number; shutdown: AbortSignal },
  ) {}

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get cause(): StopCause | null {
    const { reason } = this.signal as { reason: unknown };
    return reason instanceof Stopped ? reason.why : null;
  }

  start(): this {
    const { leaseTtlMs, wallMs, shutdown } = this.options;
    this.timers.push(
      setInterval(() => void this.renew(), leaseTtlMs / 3),
      setInterval(() => void this.look(), CHECK_INTERVAL_MS),
    );
    this.timers.push(setTimeout(() => this.stop('time'), Math.max(1, wallMs)));
    if (shutdown.aborted) this.onShutdown();
    else shutdown.addEventListener('abort', this.onShutdown, { once: true });
    return this;
  }

  end(): void {
    this.timers.forEach(clearInterval);
    this.options.shutdown.removeEventListener('abort', this.onShutdown);
  }

  private stop(why: StopCause): void {
    this.controller.abort(new Stopped(why));
  }

  private async renew(): Promise<void> {
    // A database that is away for a moment does not take the lease; its end does.
    const kept = await this.runs.renew(this.lease, this.clock.now(), this.options.leaseTtlMs).catch(() => true);
    if (!kept) this.stop('lease');
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    const run = await this.runs.findById(this.lease.runId).catch(() => undefined);
    this.looking = false;
    if (run === null || run?.cancelRequestedAt) this.stop('cancelled');
  }
}
