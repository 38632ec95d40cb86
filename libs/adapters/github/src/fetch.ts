import { createHash } from 'node:crypto';
import { FORGE_TIMEOUT_MS } from '@teko/domain';
import { timeLimit } from '@teko/platform';

const MAX_ENTRIES = 300;
const MAX_CHARACTERS = 32 * 1024 * 1024;

interface Kept {
  etag: string;
  text: string;
  headers: [string, string][];
}

/** Answers with their ETags; those that were not asked for the longest go first. */
class Answers {
  private readonly entries = new Map<string, Kept>();
  private characters = 0;

  find(key: string): Kept | undefined {
    const kept = this.entries.get(key);
    if (kept) {
      this.entries.delete(key);
      this.entries.set(key, kept);
    }
    return kept;
  }

  keep(key: string, kept: Kept): void {
    this.drop(key);
    this.entries.set(key, kept);
    this.characters += kept.text.length;
    while (this.entries.size > MAX_ENTRIES || this.characters > MAX_CHARACTERS)
      this.drop(this.entries.keys().next().value!);
  }

  private drop(key: string): void {
    this.characters -= this.entries.get(key)?.text.length ?? 0;
    this.entries.delete(key);
  }
}

/**
 * A fetch with a time-out that covers the body too, and that asks again with the ETag of its last answer. What breaks
 * off in the middle throws: octokit itself would take it for an empty answer.
 */
export function githubFetch(): typeof fetch {
  const answers = new Answers();
  return async (input, init = {}) => {
    const headers = new Headers(init.headers);
    const key = keyOf(String(input), headers);
    const kept = init.method === 'GET' ? answers.find(key) : undefined;
    if (kept) headers.set('if-none-match', kept.etag);
    const signal = timeLimit(FORGE_TIMEOUT_MS, init.signal);
    try {
      const response = await fetch(input, { ...init, headers, signal });
      if (response.status === 304 && kept) return from(input, new Response(kept.text, { headers: kept.headers }));
      if ([204, 205, 304].includes(response.status)) return response;
      const text = await response.text();
      const plain = [...response.headers].filter(([name]) => !['content-encoding', 'content-length'].includes(name));
      const etag = response.headers.get('etag');
      if (init.method === 'GET' && response.status === 200 && etag) answers.keep(key, { etag, text, headers: plain });
      return from(input, new Response(text, { status: response.status, headers: plain as [string, string][] }));
    } catch (error) {
      throw signal.aborted ? timedOut() : error;
    }
  };
}

/** Octokit pages on from the address of an answer. */
function from(input: Parameters<typeof fetch>[0], response: Response): Response {
  return Object.defineProperty(response, 'url', { value: String(input) });
}

/** Answers differ by who asks. */
function keyOf(url: string, headers: Headers): string {
  const asker = createHash('sha256').update(headers.get('authorization') ?? '');
  return `${asker.digest('base64')} ${headers.get('accept')} ${url}`;
}

/** Octokit repeats no request that ended by this name. */
function timedOut(): Error {
  const error = new Error(`GitHub did not answer within ${FORGE_TIMEOUT_MS / 1000} seconds`);
  error.name = 'AbortError';
  return error;
}
