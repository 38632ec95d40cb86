import { setTimeout as delay } from 'node:timers/promises';

/** Thrown by a check of `eventually` to stop waiting, because the condition can no longer become true. */
export class PermanentError extends Error {}

/** Only stops a test that hangs. */
const WAIT_TIMEOUT_MS = 120_000;

/** Calls `check` until it does not throw and returns its result. Throws its last error after `timeout`, and a `PermanentError` at once. */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeout = WAIT_TIMEOUT_MS, interval = 100 }: { timeout?: number; interval?: number } = {},
): Promise<T> {
  const end = Date.now() + timeout;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (error instanceof PermanentError || Date.now() > end) throw error;
    }
    await delay(interval);
  }
}
