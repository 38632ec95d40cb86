import { answer, refusal, type Answer } from './github-http';

/** Ways in which GitHub and the way to it fail. */
export const FAULT_KINDS = [
  'rate_limit',
  'secondary_limit',
  'server_error',
  'dropped_before',
  'dropped_after',
  'expired_token',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/**
 * Disturbs Teko's calls: while a kind is demanded, the first request of every distinct call fails in this way and all later
 * ones pass.
 */
export class GithubFaults {
  /** Calls that were disturbed since it was last demanded. */
  readonly hits: string[] = [];
  private kind: FaultKind | null = null;
  private only: (call: string) => boolean = () => true;

  /** `only` picks calls, such as `POST /repos/{owner}/{repo}/pulls`. */
  demand(kind: FaultKind, only: (call: string) => boolean = () => true): void {
    this.kind = kind;
    this.only = only;
    this.hits.length = 0;
  }

  stop(): void {
    this.kind = null;
  }

  /** What is to go wrong with this request. Only minted tokens expire, and git knows no limits. */
  next(call: string, about: { isMinted: boolean; isGit: boolean }): FaultKind | null {
    if (!this.kind || this.hits.includes(call) || !this.only(call)) return null;
    if (this.kind === 'expired_token' && !about.isMinted) return null;
    if (about.isGit && this.kind.endsWith('_limit')) return null;
    this.hits.push(call);
    return this.kind;
  }
}

/** What GitHub says instead of an answer; null where the connection just ends. */
export function faultyAnswer(kind: FaultKind, isGit: boolean): Answer | null {
  const limits = { 'x-ratelimit-limit': '5000', 'x-ratelimit-resource': 'core' };
  switch (kind) {
    case 'rate_limit':
      return withHeaders(refusal(403, 'API rate limit exceeded for installation ID 9001.'), {
        ...limits,
        'x-ratelimit-used': '5001',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 1),
      });
    case 'secondary_limit': {
      const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
      return withHeaders(refusal(403, message), { ...limits, 'x-ratelimit-remaining': '4000', 'retry-after': '1' });
    }
    case 'server_error':
      return isGit
        ? text(503, 'Service Unavailable')
        : withHeaders(text(502, '<html><body><h1>502 Bad Gateway</h1></body></html>'), { 'content-type': 'text/html' });
    default:
      return null;
  }
}

function text(status: number, body: string): Answer {
  return { ...answer(status, null), headers: { 'content-type': 'text/plain' }, body: Buffer.from(body) };
}

function withHeaders(to: Answer, headers: Record<string, string>): Answer {
  return { ...to, headers: { ...to.headers, ...headers } };
}
