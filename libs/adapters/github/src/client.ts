import { setTimeout as sleep } from 'node:timers/promises';
import { FORGE_TIMEOUT_MS } from '@teko/domain';
import { App, Octokit } from 'octokit';
import { isFailure, isLimit, toDomainError } from './failure';

/** What is asked again where it fails on the way: everything but what makes something. */
const MORE_TRIES = 2;
const MORE_WAITS = 2;
const BACKOFF_MS = 200;
const MAX_WAIT_SECONDS = 20;
const BURST = 20;
const MIN_REQUEST_INTERVAL_MS = 1000;

type Hook = (send: (options: Options) => Promise<unknown>, options: Options) => Promise<unknown>;
interface Options {
  method: string;
  headers: Record<string, string>;
  request: { isRepeatable?: boolean; deadline?: number; signal?: AbortSignal };
}
/** Gives a token, and is told of answers that speak against it. */
export interface TokenSource {
  token(): Promise<string | null>;
  /** A token was refused. True where another one may be tried. */
  refused(token: string | null): Promise<boolean>;
  /** Something was not found, perhaps because it is somebody else's now. */
  missed(): void;
}

/** Makes octokits of one GitHub; whatever they throw is an error of the domain. */
export class Clients {
  private readonly options;
  private readonly paces = { write: new TokenBucket() as never, notifications: new TokenBucket() as never };

  constructor(
    private readonly baseUrl: string,
    fetch: typeof globalThis.fetch,
    private readonly now: () => number,
  ) {
    const log = { debug: silent, info: silent, warn: silent, error: silent };
    this.options = {
      baseUrl,
      userAgent: 'teko',
      log,
      request: { fetch, log },
      retry: { retries: MORE_TRIES, retryAfterBaseValue: BACKOFF_MS, doNotRetry: CLIENT_ERRORS },
    };
  }

  /** One that asks with the tokens of `source`. */
  client(source: TokenSource): Octokit {
    const auth = Object.assign(async () => ({ type: 'token' }), { hook: authorized(source) });
    const throttle = this.throttle('repositories');
    return this.finished(new Octokit({ ...this.options, throttle, authStrategy: () => auth }));
  }

  /** One that signs as the App itself. */
  app(appId: string, privateKey: string): Octokit {
    // It is asked in the middle of another's request: with the same limiter both would wait for each other.
    const Client = Octokit.defaults({ ...this.options, throttle: this.throttle('app') });
    return this.finished(new App({ appId, privateKey, log: this.options.log, Octokit: Client }).octokit);
  }

  /** The plugin's own spacing of three seconds between comments would hold up the first one too. */
  private throttle(part: string) {
    return { ...this.paces, id: `${this.baseUrl} ${part}`, onRateLimit: mayWait, onSecondaryRateLimit: mayWait };
  }

  /** The outermost hook, so it sees what retries and waits came to. */
  private finished(octokit: Octokit): Octokit {
    const outermost: Hook = async (send, options) => {
      options.request = { ...options.request, ...limits(options) };
      try {
        return await send(options);
      } catch (error) {
        throw toDomainError(error, this.now());
      }
    };
    octokit.hook.wrap('request', outermost as never);
    return octokit;
  }
}

const silent = () => undefined;
const CLIENT_ERRORS = Array.from({ length: 100 }, (_, i) => 400 + i);

/**
 * What makes something is sent once, and never after the time in which others expect it to arrive, however long it
 * waited for its turn.
 */
function limits({ method, request }: Options) {
  // Set on a request, a number of tries is taken for every failure: also for those that it does not help.
  if (method !== 'POST' || request.isRepeatable) return {};
  const deadline = Date.now() + FORGE_TIMEOUT_MS;
  return { retries: 0, deadline, signal: AbortSignal.timeout(FORGE_TIMEOUT_MS) };
}

function mayWait(seconds: number, options: object, _octokit: unknown, waits: number): boolean {
  const { deadline } = (options as Options).request;
  const inTime = deadline === undefined || Date.now() + seconds * 1000 < deadline;
  return waits < MORE_WAITS && seconds <= MAX_WAIT_SECONDS && inTime;
}

/** The innermost hook: every try has a token that is good now. */
function authorized(source: TokenSource): Hook {
  return async (send, options) => {
    const sendWith = (token: string | null) => {
      const headers = token === null ? options.headers : { ...options.headers, authorization: `token ${token}` };
      return send({ ...options, headers }).catch(named);
    };
    const token = await source.token();
    try {
      return await sendWith(token);
    } catch (error) {
      if (isFailure(error) && error.status === 404) source.missed();
      if (!isFailure(error) || error.status !== 401 || !(await source.refused(token))) throw error;
      return sendWith(await source.token());
    }
  };
}

/** The throttling plugin knows a secondary limit by these words alone. */
function named(error: unknown): never {
  if (isFailure(error) && isLimit(error) && error.response?.headers['retry-after'] !== undefined)
    if (!/secondary rate/i.test(error.message)) error.message += ' (secondary rate limit)';
  throw error;
}

/** Writes may come in a burst; after that one a second, as GitHub asks. */
class TokenBucket {
  private next = 0;

  key(): this {
    return this;
  }

  async schedule<T>(_options: object, work: () => Promise<T>): Promise<T> {
    const now = Date.now();
    this.next = Math.max(this.next, now - BURST * MIN_REQUEST_INTERVAL_MS) + MIN_REQUEST_INTERVAL_MS;
    if (this.next > now) await sleep(this.next - now);
    return work();
  }
}
