import { createHash } from 'node:crypto';
import { FORGE_TIMEOUT_MS } from '@teko/domain';
import { timeLimit } from '@teko/platform';

const MAX_ENTRIES = 300;
const MAX_CHARACTERS = 32 * 1024 * 1024;

interface CachedResponse {
  etag: string;
  text: string;
  headers: [string, string][];
}

/** LRU cache of responses with their ETags. */
class ResponseCache {
  private readonly entries = new Map<string, CachedResponse>();
  private characters = 0;

  find(key: string): CachedResponse | undefined {
    const cached = this.entries.get(key);
    if (cached) {
      this.entries.delete(key);
      this.entries.set(key, cached);
    }
    return cached;
  }

  store(key: string, response: CachedResponse): void {
    this.delete(key);
    this.entries.set(key, response);
    this.characters += response.text.length;
    while (this.entries.size > MAX_ENTRIES || this.characters > MAX_CHARACTERS)
      this.delete(this.entries.keys().next().value!);
  }

  private delete(key: string): void {
    this.characters -= this.entries.get(key)?.text.length ?? 0;
    this.entries.delete(key);
  }
}

/**
 * Returns a fetch with a timeout that includes the body, and with conditional requests by ETag. Throws if a response is
 * truncated, which octokit itself treats as an empty response.
 */
export function githubFetch(): typeof fetch {
  const cache = new ResponseCache();
  return async (input, init = {}) => {
    const headers = new Headers(init.headers);
    const key = keyOf(String(input), headers);
    const cached = init.method === 'GET' ? cache.find(key) : undefined;
    if (cached) headers.set('if-none-match', cached.etag);
    const signal = timeLimit(FORGE_TIMEOUT_MS, init.signal);
    try {
      const response = await fetch(input, { ...init, headers, signal });
      if (response.status === 304 && cached)
        return withUrl(input, new Response(cached.text, { headers: cached.headers }));
      if ([204, 205, 304].includes(response.status)) return response;
      const text = await response.text();
      const plain = [...response.headers].filter(([name]) => !['content-encoding', 'content-length'].includes(name));
      const etag = response.headers.get('etag');
      if (init.method === 'GET' && response.status === 200 && etag) cache.store(key, { etag, text, headers: plain });
      return withUrl(input, new Response(text, { status: response.status, headers: plain as [string, string][] }));
    } catch (error) {
      throw signal.aborted ? timeoutError() : error;
    }
  };
}

/** Octokit's pagination needs the URL of a response. */
function withUrl(input: Parameters<typeof fetch>[0], response: Response): Response {
  return Object.defineProperty(response, 'url', { value: String(input) });
}

/** Responses depend on the credentials. */
function keyOf(url: string, headers: Headers): string {
  const credentials = createHash('sha256').update(headers.get('authorization') ?? '');
  return `${credentials.digest('base64')} ${headers.get('accept')} ${url}`;
}

/** Octokit does not retry a request that failed with an error of this name. */
function timeoutError(): Error {
  const error = new Error(`GitHub did not respond within ${FORGE_TIMEOUT_MS / 1000} seconds`);
  error.name = 'AbortError';
  return error;
}
