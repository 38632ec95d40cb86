/**
 * A signal that aborts after so long, or with one of the others. `AbortSignal.timeout` inside `AbortSignal.any`, or inside a
 * `Request`, is held by nobody in Node 20: after a garbage collection it never aborts.
 */
export function timeLimit(ms: number, ...others: (AbortSignal | null | undefined)[]): AbortSignal {
  const limit = new AbortController();
  setTimeout(() => limit.abort(new DOMException(`Not done in ${ms} ms`, 'TimeoutError')), ms).unref();
  return AbortSignal.any([limit.signal, ...others.filter((signal) => signal != null)]);
}

/** The work, or the reason of the signal as soon as it is aborted: not all that is handed a signal listens to it for long. */
export function untilAborted<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return work;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    // Also when it is aborted already: a rejection of the work that nobody handles would end the process.
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
