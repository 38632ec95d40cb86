import { ConflictError, DomainError, InvalidError, UnavailableError } from '@teko/domain';

/** Error of octokit. Without `response`, GitHub did not respond. */
export interface RequestError {
  status: number;
  message: string;
  response?: { status: number; headers: Record<string, string | number | undefined>; data: unknown };
}

export const CREDENTIAL_REMEDY =
  'Check GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY, and this host’s clock';

export function isRequestError(error: unknown): error is RequestError {
  return error instanceof Error && 'status' in error && error.name === 'HttpError';
}

/** Converts an error of octokit to a domain error with GitHub's message. */
export function toDomainError(error: unknown, now: number): DomainError {
  if (error instanceof DomainError) return error;
  if (error instanceof Error && error.name === 'AbortError') return new UnavailableError('forge', error.message);
  if (!isRequestError(error)) return new UnavailableError('forge', `GitHub request failed: ${short(String(error))}`);
  const { response, status } = error;
  if (!response) return new UnavailableError('forge', `GitHub cannot be reached: ${short(error.message)}`);
  if (isRateLimit(error))
    return new UnavailableError('forge', `GitHub’s rate limit is exceeded until ${retryTime(error, now)}`);
  const message = messageOf(response.data) ?? `status ${status}`;
  if (status >= 500) return new UnavailableError('forge', `GitHub server error (${status}): ${message}`);
  if (status === 401)
    return new UnavailableError('forge', `GitHub rejected the credentials: ${message}`, CREDENTIAL_REMEDY);
  if (status === 403 || status === 451) return new DomainError('forbidden', `GitHub denied access: ${message}`);
  if (status === 404 || status === 410) return new DomainError('not_found', `GitHub did not find this: ${message}`);
  if (status === 409) return new ConflictError(`GitHub reported a conflict: ${message}`);
  return new InvalidError({ github: message });
}

/** Returns true for a primary or secondary rate limit. The request had no effect. */
export function isRateLimit({ status, response, message }: RequestError): boolean {
  if (status === 429) return true;
  const headers = response?.headers ?? {};
  if (status !== 403) return false;
  return (
    headers['retry-after'] !== undefined || headers['x-ratelimit-remaining'] === '0' || /secondary rate/i.test(message)
  );
}

function retryTime({ response }: RequestError, now: number): string {
  const after = Number(response?.headers['retry-after']);
  const reset = Number(response?.headers['x-ratelimit-reset']);
  const time = after > 0 ? now + after * 1000 : reset > 0 ? reset * 1000 : now + 60_000;
  return new Date(time).toISOString();
}

/** Returns GitHub's message with its errors of single fields, or null if the body is not an error of GitHub. */
function messageOf(data: unknown): string | null {
  if (typeof data !== 'object' || data === null || !('message' in data)) return null;
  const errors = 'errors' in data && Array.isArray(data.errors) ? data.errors : [];
  const details = errors.map((error: unknown) =>
    typeof error === 'string' ? error : detailOf(error as object | null),
  );
  return short([String(data.message), ...details.filter(Boolean)].join('; '));
}

function detailOf(error: object | null): string {
  const { message, resource, field, code } = { ...error } as Record<string, unknown>;
  return message ? String(message) : [resource, field, code].filter(Boolean).join(' ');
}

const short = (text: string) => (text.length > 300 ? `${text.slice(0, 300)}…` : text);

/** Returns a handler for `catch` that returns `value` for domain errors with one of these codes, and rethrows all others. */
export function recoverFrom<T>(codes: DomainError['code'][], value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof DomainError && codes.includes(error.code)) return value;
    throw error;
  };
}
