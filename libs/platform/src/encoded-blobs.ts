import { constants, gunzipSync, inflateSync } from 'node:zlib';
import type { Range } from './secret-search';

/** Base64, possibly wrapped into lines. */
const BASE64 = /[A-Za-z0-9+/_-]{20,}(?:\r?\n[A-Za-z0-9+/_-]+)*={0,2}/g;
/** The first bytes of gzip and zlib. */
const COMPRESSED = /^(?:H4sI|eJ|eN|eA|eF)/;
const MAX_INFLATED_BYTES = 1024 * 1024;
/** Inflated bytes per text, over all of its blobs. */
const MAX_TOTAL_BYTES = 8 * 1024 * 1024;
const MAX_DEPTH = 2;

/**
 * Finds base64 text whose content, compressed or encoded once more, is found by `isFound`. Content that is larger than 1 MB when
 * it is inflated is not searched.
 */
export function findBlobs(text: string, isFound: (text: string) => boolean): Range[] {
  return searchBlobs(text, isFound, { depth: 0, bytes: MAX_TOTAL_BYTES });
}

function searchBlobs(
  text: string,
  isFound: (text: string) => boolean,
  left: { depth: number; bytes: number },
): Range[] {
  const ranges: Range[] = [];
  for (const match of text.matchAll(BASE64)) {
    const content = contentOf(match[0], left.depth, left.bytes);
    if (content === null) continue;
    left.bytes -= content.length;
    const inner = { ...left, depth: left.depth + 1 };
    const isHit = isFound(content) || (left.depth < MAX_DEPTH && searchBlobs(content, isFound, inner).length > 0);
    left.bytes = inner.bytes;
    if (isHit) ranges.push({ start: match.index, end: match.index + match[0].length });
  }
  return ranges;
}

/** Returns the inflated content, or the decoded content if it is text; null if it cannot contain a secret that was not found yet. */
function contentOf(blob: string, depth: number, maxBytes: number): string | null {
  if (COMPRESSED.test(blob)) return inflated(Buffer.from(blob, 'base64'), Math.min(MAX_INFLATED_BYTES, maxBytes));
  if (depth === MAX_DEPTH || !isText(Buffer.from(blob.slice(0, 24), 'base64').toString('latin1'))) return null;
  return Buffer.from(blob, 'base64').toString('latin1');
}

function isText(text: string): boolean {
  return /^[\t\n\r -~]+$/.test(text);
}

function inflated(bytes: Buffer, maxOutputLength: number): string | null {
  if (maxOutputLength <= 0) return null;
  try {
    const inflate = bytes[0] === 0x1f ? gunzipSync : inflateSync;
    return inflate(bytes, { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH }).toString('latin1');
  } catch {
    return null;
  }
}
