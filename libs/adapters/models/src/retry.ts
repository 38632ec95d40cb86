import { setTimeout as delay } from 'node:timers/promises';
import { ModelError, ContextLengthError } from '@teko/domain';

const TRIES = 3;
const INITIAL_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 60_000;

/** No connection came about. */
const NOT_REACHED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];

/** Providers have no code in common for it, and LangChain takes the status away. */
const TOO_LONG =
  /context[_ ](?:length|window|limit|size)|prompt is too long|too many (?:input )?tokens|maximum context/i;

type ProviderError = Error & {
  status?: number;
  headers?: Headers | Record<string, string>;
  code?: string;
  lc_error_code?: string;
};

/** Asks again after a passing fault, as long as the provider wishes; `attempt` says whether anything was received. */
export async function withRetry<T>(
  signal: AbortSignal,
  keyName: string,
  ask: (received: { any: boolean }) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const received = { any: false };
    try {
      return await ask(received);
    } catch (error) {
      signal.throwIfAborted();
      const fault = asModelError(error as ProviderError, keyName);
      // What has begun to come may have to be paid: that is not asked for again.
      if (received.any) throw new ModelError(fault.message, false, fault.status, false);
      if (!fault.retriable || attempt === TRIES) throw fault;
      await delay(waitMs(error as ProviderError, attempt), undefined, { signal });
    }
  }
}

function waitMs(error: ProviderError, attempt: number): number {
  const wish = headerOf(error, 'retry-after');
  const seconds = wish === null ? Number.NaN : Number(wish);
  if (!Number.isNaN(seconds)) return Math.min(seconds * 1000, MAX_BACKOFF_MS);
  return INITIAL_BACKOFF_MS * 2 ** (attempt - 1) * (0.5 + Math.random());
}

function headerOf({ headers }: ProviderError, name: string): string | null {
  if (!headers) return null;
  return headers instanceof Headers ? headers.get(name) : (headers[name] ?? null);
}

/** What went wrong in words that hold no key, with the setting to look at. */
function asModelError(error: ProviderError, keyName: string): ModelError {
  if (error instanceof ModelError) return error;
  const status = error.status ?? (error.cause as ProviderError | undefined)?.status ?? null;
  if (status === 413 || (status === 400 && TOO_LONG.test(error.message))) return new ContextLengthError();
  if (status === 401 || status === 403)
    return new ModelError(`the provider refused the key; check ${keyName}`, false, status);
  if (status === 404) return new ModelError('the provider does not know this model; check TEKO_MODEL', false, status);
  if (status === 429) return new ModelError('the provider limits the rate of calls', true, status);
  if (status !== null && status >= 500)
    return new ModelError(`the provider failed with status ${status}`, true, status);
  if (status !== null)
    return new ModelError(`the provider refused the request with status ${status}: ${reasonOf(error)}`, false, status);
  const code = error.code ?? (error.cause as { code?: string } | undefined)?.code;
  const reached = !NOT_REACHED.includes(code ?? '');
  return new ModelError(`the provider cannot be reached (${code ?? reasonOf(error)})`, true, null, !reached);
}

function reasonOf(error: Error): string {
  return (error.message.split('\n')[0] ?? '').slice(0, 300);
}
