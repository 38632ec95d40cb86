import { setTimeout as delay } from 'node:timers/promises';

/** What is waited for cannot happen any more. */
export class PermanentError extends Error {}

/** Only ends a test that hangs: one that passes does not wait for it. */
const WAIT_TIMEOUT_MS = 120_000;

/** Calls `check` again until it does not throw, and answers what it does. A `PermanentError` ends the wait at once. */
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
