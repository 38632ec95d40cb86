import type { Clock, Lease, RunRepository } from '@teko/domain';
import { RunStopped, type StopCause } from './run-result';

const CHECK_INTERVAL_MS = 1_000;

/**
 * Renews the lease of a run and watches for reasons to stop it: a lost lease, a cancellation (checked every second), the
 * time limit or a shutdown. `signal` then aborts with a RunStopped.
 */
export class RunSupervisor {
  private readonly controller = new AbortController();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly onShutdown = () => this.abort('shutdown');
  private checking = false;

  constructor(
    private readonly lease: Lease,
    private readonly runs: RunRepository,
    private readonly clock: Clock,
    private readonly options: { leaseTtlMs: number; wallMs: number; shutdown: AbortSignal },
  ) {}

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Why `signal` aborted, or null if it has not. */
  get cause(): StopCause | null {
    const { reason } = this.signal as { reason: unknown };
    return reason instanceof RunStopped ? reason.stopCause : null;
  }

  start(): this {
    const { leaseTtlMs, wallMs, shutdown } = this.options;
    this.timers.push(
      setInterval(() => void this.renew(), leaseTtlMs / 3),
      setInterval(() => void this.checkCancelled(), CHECK_INTERVAL_MS),
    );
    this.timers.push(setTimeout(() => this.abort('time'), Math.max(1, wallMs)));
    if (shutdown.aborted) this.onShutdown();
    else shutdown.addEventListener('abort', this.onShutdown, { once: true });
    return this;
  }

  stop(): void {
    this.timers.forEach(clearInterval);
    this.options.shutdown.removeEventListener('abort', this.onShutdown);
  }

  private abort(cause: StopCause): void {
    this.controller.abort(new RunStopped(cause));
  }

  private async renew(): Promise<void> {
    // A short database outage does not end the lease; only its expiry does.
    const renewed = await this.runs.renew(this.lease, this.clock.now(), this.options.leaseTtlMs).catch(() => true);
    if (!renewed) this.abort('lease');
  }

  private async checkCancelled(): Promise<void> {
    if (this.checking) return;
    this.checking = true;
    const run = await this.runs.findById(this.lease.runId).catch(() => undefined);
    this.checking = false;
    if (run === null || run?.cancelRequestedAt) this.abort('cancelled');
  }
}
