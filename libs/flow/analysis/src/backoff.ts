const INITIAL_BACKOFF_MS = 15_000;
const MAX_BACKOFF_MS = 5 * 60_000;

/** Exponential backoff per id: each attempt doubles the delay before the next one, from 15 seconds to 5 minutes. */
export class Backoff {
  private readonly attempts = new Map<string, { notBefore: number; nextDelay: number }>();

  isDue(id: string, now: Date): boolean {
    return now.getTime() >= (this.attempts.get(id)?.notBefore ?? 0);
  }

  recordAttempt(id: string, now: Date): void {
    const delay = this.attempts.get(id)?.nextDelay ?? INITIAL_BACKOFF_MS;
    this.attempts.set(id, { notBefore: now.getTime() + delay, nextDelay: Math.min(2 * delay, MAX_BACKOFF_MS) });
  }

  reset(id: string): void {
    this.attempts.delete(id);
  }
}
