import { setTimeout as sleep } from 'node:timers/promises';
import { FORGE_TIMEOUT_MS } from '@teko/domain';
import { App, Octokit } from 'octokit';
import { isRequestError, isRateLimit, toDomainError } from './errors';

/** Applies to requests that create nothing. */
const MAX_RETRIES = 2;
const MAX_RATE_LIMIT_WAITS = 2;
const BACKOFF_MS = 200;
const MAX_WAIT_SECONDS = 20;
const BURST = 20;
const MIN_REQUEST_INTERVAL_MS = 1000;

type Hook = (send: (options: Options) => Promise<unknown>, options: Options) => Promise<unknown>;
interface Options {
  method: string;
  headers: Record<string, string>;
  request: { isIdempotent?: boolean; deadline?: number; signal?: AbortSignal };
}
/** Provides tokens, and is notified about responses that reject them. */
export interface TokenSource {
  token(): Promise<string | null>;
  /** Called if GitHub rejects a token. Returns true if the request can be repeated with another one. */
  onUnauthorized(token: string | null): Promise<boolean>;
  /** Called on a 404, which can mean that the repository was transferred. */
  onNotFound(): void;
}

/** Creates the octokit clients for one GitHub server. They throw domain errors only. */
export class Clients {
  private readonly options;
  private readonly limiters = { write: new TokenBucket() as never, notifications: new TokenBucket() as never };

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
      retry: { retries: MAX_RETRIES, retryAfterBaseValue: BACKOFF_MS, doNotRetry: CLIENT_ERRORS },
    };
  }

  /** Returns a client that authenticates with the tokens of `source`. */
  client(source: TokenSource): Octokit {
    const auth = Object.assign(async () => ({ type: 'token' }), { hook: authorize(source) });
    const throttle = this.throttle('repositories');
    return this.withDomainErrors(new Octokit({ ...this.options, throttle, authStrategy: () => auth }));
  }

  /** Returns a client that authenticates as the App itself. */
  app(appId: string, privateKey: string): Octokit {
    // It is used during requests of other clients: sharing their limiter would be a deadlock.
    const Client = Octokit.defaults({ ...this.options, throttle: this.throttle('app') });
    return this.withDomainErrors(new App({ appId, privateKey, log: this.options.log, Octokit: Client }).octokit);
  }

  /** Replaces the plugin's own interval of three seconds between comments, which delays the first comment too. */
  private throttle(part: string) {
    return {
      ...this.limiters,
      id: `${this.baseUrl} ${part}`,
      onRateLimit: shouldWait,
      onSecondaryRateLimit: shouldWait,
    };
  }

  /** Adds the outermost hook, which sees the result of all retries and waits. */
  private withDomainErrors(octokit: Octokit): Octokit {
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

/** POST requests are sent once, and not after FORGE_TIMEOUT_MS, even if they waited in the queue. */
function limits({ method, request }: Options) {
  // Only set here, because the plugin applies a request's own number of retries to every kind of error.
  if (method !== 'POST' || request.isIdempotent) return {};
  const deadline = Date.now() + FORGE_TIMEOUT_MS;
  return { retries: 0, deadline, signal: AbortSignal.timeout(FORGE_TIMEOUT_MS) };
}

function shouldWait(seconds: number, options: object, _octokit: unknown, waits: number): boolean {
  const { deadline } = (options as Options).request;
  const isBeforeDeadline = deadline === undefined || Date.now() + seconds * 1000 < deadline;
  return waits < MAX_RATE_LIMIT_WAITS && seconds <= MAX_WAIT_SECONDS && isBeforeDeadline;
}

/** The innermost hook: each attempt gets a valid token. */
function authorize(source: TokenSource): Hook {
  return async (send, options) => {
    const sendWith = (token: string | null) => {
      const headers = token === null ? options.headers : { ...options.headers, authorization: `token ${token}` };
      return send({ ...options, headers }).catch(markSecondaryLimit);
    };
    const token = await source.token();
    try {
      return await sendWith(token);
    } catch (error) {
      if (isRequestError(error) && error.status === 404) source.onNotFound();
      if (!isRequestError(error) || error.status !== 401 || !(await source.onUnauthorized(token))) throw error;
      return sendWith(await source.token());
    }
  };
}

/** Adds the text by which the throttling plugin recognizes a secondary rate limit. */
function markSecondaryLimit(error: unknown): never {
  if (isRequestError(error) && isRateLimit(error) && error.response?.headers['retry-after'] !== undefined)
    if (!/secondary rate/i.test(error.message)) error.message += ' (secondary rate limit)';
  throw error;
}

/** Allows a burst of writes, then one per second, as GitHub's best practices require. */
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
