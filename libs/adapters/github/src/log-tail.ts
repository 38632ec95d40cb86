import { FORGE_TIMEOUT_MS, UnavailableError } from '@teko/domain';

const MAX_BYTES = 30_000;

/** Returns the last MAX_BYTES of a text. */
export function tailOf(text: string): string {
  return wholeCharacters(Buffer.from(text));
}

/** Downloads the last MAX_BYTES from a URL that needs no credentials. Returns null if the response is an error or empty. */
export async function downloadTail(url: URL): Promise<string | null> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(FORGE_TIMEOUT_MS),
      headers: { 'user-agent': 'teko' },
    });
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      return null;
    }
    let tail = Buffer.alloc(0);
    for await (const chunk of response.body) tail = Buffer.concat([tail, chunk as Buffer]).subarray(-MAX_BYTES);
    return wholeCharacters(tail);
  } catch {
    // The URL contains a credential, so the error does not include it.
    throw new UnavailableError('forge', 'cannot download the log of a check run from GitHub');
  }
}

/** Decodes the last MAX_BYTES without a partial first character. */
function wholeCharacters(bytes: Buffer): string {
  const tail = bytes.subarray(-MAX_BYTES);
  const start = tail.findIndex((byte) => (byte & 0xc0) !== 0x80);
  return tail.subarray(Math.max(start, 0)).toString();
}
