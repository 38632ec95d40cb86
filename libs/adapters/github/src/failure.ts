import { ConflictError, DomainError, InvalidError, UnavailableError } from '@teko/domain';

/** What octokit throws where GitHub answered with an error, or did not answer. */
export interface Failure {
  status: number;
  message: string;
  response?: { status: number; headers: Record<string, string | number | undefined>; data: unknown };
}

export const WRONG_CREDENTIAL =
  'Check GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY, and this host’s clock';

export function isFailure(error: unknown): error is Failure {
  return error instanceof Error && 'status' in error && error.name === 'HttpError';
}

/** What octokit threw, in the errors of the domain, with GitHub's own words. */
export function toDomainError(error: unknown, now: number): DomainError {
  if (error instanceof DomainError) return error;
  if (error instanceof Error && error.name === 'AbortError') return new UnavailableError('forge', error.message);
  if (!isFailure(error)) return new UnavailableError('forge', `GitHub cannot be asked: ${short(String(error))}`);
  const { response, status } = error;
  if (!response) return new UnavailableError('forge', `GitHub cannot be reached: ${short(error.message)}`);
  if (isLimit(error)) return new UnavailableError('forge', `GitHub’s rate limit is used up until ${until(error, now)}`);
  const said = saidBy(response.data) ?? `status ${status}`;
  if (status >= 500) return new UnavailableError('forge', `GitHub is in trouble (${status}): ${said}`);
  if (status === 401) return new UnavailableError('forge', `GitHub refuses the credential: ${said}`, WRONG_CREDENTIAL);
  if (status === 403 || status === 451) return new DomainError('forbidden', `GitHub refuses: ${said}`);
  if (status === 404 || status === 410) return new DomainError('not_found', `GitHub does not show this: ${said}`);
  if (status === 409) return new ConflictError(`GitHub sees a conflict: ${said}`);
  return new InvalidError({ github: said });
}

/** GitHub asks to come back later. Nothing was done. */
export function isLimit({ status, response, message }: Failure): boolean {
  if (status === 429) return true;
  const headers = response?.headers ?? {};
  if (status !== 403) return false;
  return (
    headers['retry-after'] !== undefined || headers['x-ratelimit-remaining'] === '0' || /secondary rate/i.test(message)
  );
}

function until({ response }: Failure, now: number): string {
  const after = Number(response?.headers['retry-after']);
  const reset = Number(response?.headers['x-ratelimit-reset']);
  const time = after > 0 ? now + after * 1000 : reset > 0 ? reset * 1000 : now + 60_000;
  return new Date(time).toISOString();
}

/** GitHub's message, with what it says of single fields; null where the answer is no message of GitHub's. */
function saidBy(data: unknown): string | null {
  if (typeof data !== 'object' || data === null || !('message' in data)) return null;
  const errors = 'errors' in data && Array.isArray(data.errors) ? data.errors : [];
  const more = errors.map((fault: unknown) => (typeof fault === 'string' ? fault : detail(fault as object | null)));
  return short([String(data.message), ...more.filter(Boolean)].join('; '));
}

function detail(fault: object | null): string {
  const { message, resource, field, code } = { ...fault } as Record<string, unknown>;
  return message ? String(message) : [resource, field, code].filter(Boolean).join(' ');
}

const short = (text: string) => (text.length > 300 ? `${text.slice(0, 300)}…` : text);

/** Answers `instead` where GitHub refuses with one of these codes. */
export function unless<T>(codes: DomainError['code'][], instead: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof DomainError && codes.includes(error.code)) return instead;
    throw error;
  };
}
