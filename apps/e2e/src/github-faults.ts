import { jsonResponse, errorResponse, type HttpResponse } from './github-http';

/** Failures of GitHub and of the connection to it. */
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
 * Injects faults into Teko's requests: while a kind is set, the first request to every endpoint fails in this way and all later
 * ones succeed.
 */
export class GithubFaults {
  /** Endpoints with an injected fault since the last `inject`. */
  readonly hits: string[] = [];
  private kind: FaultKind | null = null;
  private only: (endpoint: string) => boolean = () => true;

  /** Starts injecting faults; `only` selects endpoints, such as `POST /repos/{owner}/{repo}/pulls`. */
  inject(kind: FaultKind, only: (endpoint: string) => boolean = () => true): void {
    this.kind = kind;
    this.only = only;
    this.hits.length = 0;
  }

  stop(): void {
    this.kind = null;
  }

  /** Returns the fault of the next request, or null. Only installation tokens expire, and git has no rate limits. */
  next(endpoint: string, about: { isInstallationToken: boolean; isGit: boolean }): FaultKind | null {
    if (!this.kind || this.hits.includes(endpoint) || !this.only(endpoint)) return null;
    if (this.kind === 'expired_token' && !about.isInstallationToken) return null;
    if (about.isGit && this.kind.endsWith('_limit')) return null;
    this.hits.push(endpoint);
    return this.kind;
  }
}

/** Returns GitHub's error response for a fault, or null if the connection is closed without one. */
export function faultResponse(kind: FaultKind, isGit: boolean): HttpResponse | null {
  const limits = { 'x-ratelimit-limit': '5000', 'x-ratelimit-resource': 'core' };
  switch (kind) {
    case 'rate_limit':
      return withHeaders(errorResponse(403, 'API rate limit exceeded for installation ID 9001.'), {
        ...limits,
        'x-ratelimit-used': '5001',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 1),
      });
    case 'secondary_limit': {
      const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
      return withHeaders(errorResponse(403, message), {
        ...limits,
        'x-ratelimit-remaining': '4000',
        'retry-after': '1',
      });
    }
    case 'server_error':
      return isGit
        ? text(503, 'Service Unavailable')
        : withHeaders(text(502, '<html><body><h1>502 Bad Gateway</h1></body></html>'), { 'content-type': 'text/html' });
    default:
      return null;
  }
}

function text(status: number, body: string): HttpResponse {
  return { ...jsonResponse(status, null), headers: { 'content-type': 'text/plain' }, body: Buffer.from(body) };
}

function withHeaders(to: HttpResponse, headers: Record<string, string>): HttpResponse {
  return { ...to, headers: { ...to.headers, ...headers } };
}
