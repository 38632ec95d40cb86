import { FORGE_TIMEOUT_MS, UnavailableError } from '@teko/domain';

const KEPT_BYTES = 30_000;

/** The last part of a text. */
export function tailOf(text: string): string {
  return ending(Buffer.from(text));
}

/** The last part of what lies at a URL that needs no credential; null where there is nothing. */
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
    let kept = Buffer.alloc(0);
    for await (const chunk of response.body) kept = Buffer.concat([kept, chunk as Buffer]).subarray(-KEPT_BYTES);
    return ending(kept);
  } catch {
    // The URL itself lets in who has it, so it is not shown.
    throw new UnavailableError('forge', 'the log of a check cannot be downloaded from GitHub’s store');
  }
}

/** Whole characters only. */
function ending(bytes: Buffer): string {
  const kept = bytes.subarray(-KEPT_BYTES);
  const start = kept.findIndex((byte) => (byte & 0xc0) !== 0x80);
  return kept.subarray(Math.max(start, 0)).toString();
}
