import { createServer, type AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { timeLimit, untilAborted } from './time-limit';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('timeLimit', () => {
  const silent = createServer(() => undefined);
  let url = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  });
  afterAll(() => void silent.close());

  const errorNameOf = (work: Promise<unknown>) =>
    work.then(
      () => 'none',
      (error: Error) => error.name,
    );

  it('aborts even if garbage is collected meanwhile', async () => {
    const caller = new AbortController();
    const limit = timeLimit(400, caller.signal);
    const errors = [
      errorNameOf(fetch(url, { signal: timeLimit(400, caller.signal, null) })),
      errorNameOf(untilAborted(fetch(new Request(url, { signal: limit })), limit)),
    ];
    const collecting = setInterval(collectGarbage, 50);
    onTestFinished(() => clearInterval(collecting));
    expect(await Promise.all(errors)).toEqual(['TimeoutError', 'TimeoutError']);
  });

  it("aborts with the caller's signal", async () => {
    const caller = new AbortController();
    const error = errorNameOf(fetch(url, { signal: timeLimit(60_000, caller.signal) }));
    collectGarbage();
    caller.abort();
    expect(await error).toBe('AbortError');
  });

  it('handles a rejection after the abort', async () => {
    const unhandled: unknown[] = [];
    const listener = (error: unknown) => void unhandled.push(error);
    process.on('unhandledRejection', listener);
    onTestFinished(() => void process.off('unhandledRejection', listener));
    let fail: (error: Error) => void = () => undefined;
    const work = new Promise<never>((_, reject) => (fail = reject));
    expect(await errorNameOf(untilAborted(work, AbortSignal.abort()))).toBe('AbortError');
    fail(new Error('too late'));
    // Node reports unhandled rejections before the next phase of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  });
});
