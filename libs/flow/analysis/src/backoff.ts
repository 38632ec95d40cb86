const INITIAL_BACKOFF_MS = 15_000;
const MAX_BACKOFF_MS = 5 * 60_000;

/** Remembers what was tried in vain: the next try comes twice as late, up to a limit. */
export class Backoff {
  private readonly tried = new Map<string, { until: number; next: number }>();

  isDue(id: string, now: Date): boolean {
    return now.getTime() >= (this.tried.get(id)?.until ?? 0);
  }

  wasTried(id: string, now: Date): void {
    const wait = this.tried.get(id)?.next ?? INITIAL_BACKOFF_MS;
    this.tried.set(id, { until: now.getTime() + wait, next: Math.min(2 * wait, MAX_BACKOFF_MS) });
  }

  isWell(id: string): void {
    this.tried.delete(id);
  }
}
