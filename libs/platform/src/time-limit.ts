/**
 * Returns a signal that aborts after `ms`, or as soon as one of the others does. Needed because Node 20 keeps no reference to an
 * `AbortSignal.timeout` inside `AbortSignal.any` or a `Request`: once garbage collected, it never aborts.
 */
export function timeLimit(ms: number, ...others: (AbortSignal | null | undefined)[]): AbortSignal {
  const limit = new AbortController();
  setTimeout(() => limit.abort(new DOMException(`Timed out after ${ms} ms`, 'TimeoutError')), ms).unref();
  return AbortSignal.any([limit.signal, ...others.filter((signal) => signal != null)]);
}

/** Settles like `work`, but rejects with the signal's reason as soon as it aborts, even if `work` ignores the signal. */
export function untilAborted<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return work;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    // Also if the signal is already aborted: an unhandled rejection of `work` would end the process.
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
