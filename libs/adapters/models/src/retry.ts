import { setTimeout as delay } from 'node:timers/promises';
import { ModelError, ContextLengthError } from '@teko/domain';

const MAX_ATTEMPTS = 3;
const INITIAL_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 60_000;

/** Error codes of connections that were not established. */
const NOT_CONNECTED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];

/** Messages of context length errors. Providers have no common code for them, and LangChain drops the status. */
const TOO_LONG =
  /context[_ ](?:length|window|limit|size)|prompt is too long|too many (?:input )?tokens|maximum context/i;

type ProviderError = Error & {
  status?: number;
  headers?: Headers | Record<string, string>;
  code?: string;
  lc_error_code?: string;
};

/**
 * Retries transient errors after the delay that the provider requests. `send` sets `received.any` once any part of the response
 * arrived; after that, nothing is retried. Throws ModelError.
 */
export async function withRetry<T>(
  signal: AbortSignal,
  keyName: string,
  send: (received: { any: boolean }) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const received = { any: false };
    try {
      return await send(received);
    } catch (error) {
      signal.throwIfAborted();
      const modelError = asModelError(error as ProviderError, keyName);
      // A response that has started may be billed, so the request is not repeated.
      if (received.any) throw new ModelError(modelError.message, false, modelError.status, false);
      if (!modelError.retriable || attempt === MAX_ATTEMPTS) throw modelError;
      await delay(waitMs(error as ProviderError, attempt), undefined, { signal });
    }
  }
}

function waitMs(error: ProviderError, attempt: number): number {
  const retryAfter = headerOf(error, 'retry-after');
  const seconds = retryAfter === null ? Number.NaN : Number(retryAfter);
  if (!Number.isNaN(seconds)) return Math.min(seconds * 1000, MAX_BACKOFF_MS);
  return INITIAL_BACKOFF_MS * 2 ** (attempt - 1) * (0.5 + Math.random());
}

function headerOf({ headers }: ProviderError, name: string): string | null {
  if (!headers) return null;
  return headers instanceof Headers ? headers.get(name) : (headers[name] ?? null);
}

/** Converts an error of a provider. The message names the setting to check, and contains no key. */
function asModelError(error: ProviderError, keyName: string): ModelError {
  if (error instanceof ModelError) return error;
  const status = error.status ?? (error.cause as ProviderError | undefined)?.status ?? null;
  if (status === 413 || (status === 400 && TOO_LONG.test(error.message))) return new ContextLengthError();
  if (status === 401 || status === 403)
    return new ModelError(`the provider rejected the API key; check ${keyName}`, false, status);
  if (status === 404) return new ModelError('the provider does not know this model; check TEKO_MODEL', false, status);
  if (status === 429) return new ModelError('the rate limit of the provider is exceeded', true, status);
  if (status !== null && status >= 500)
    return new ModelError(`the provider failed with status ${status}`, true, status);
  if (status !== null)
    return new ModelError(`the provider rejected the request with status ${status}: ${reasonOf(error)}`, false, status);
  const code = error.code ?? (error.cause as { code?: string } | undefined)?.code;
  const isUnbilled = NOT_CONNECTED.includes(code ?? '');
  return new ModelError(`the provider cannot be reached (${code ?? reasonOf(error)})`, true, null, isUnbilled);
}

function reasonOf(error: Error): string {
  return (error.message.split('\n')[0] ?? '').slice(0, 300);
}
