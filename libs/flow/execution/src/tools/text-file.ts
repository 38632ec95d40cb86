/** The characters of Windows-1252 for the bytes 0x80 to 0x9f; all other bytes are the characters of the same number. */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
/** A byte that is not valid UTF-8 is the lone surrogate 0xdc00 + byte. */
const INVALID_BYTE = 0xdc00;
const BOM = '\ufeff';

export type Encoding = 'UTF-8' | 'Windows-1252' | 'UTF-16 LE' | 'UTF-16 BE';

export interface TextFile {
  /** Every byte of the file, so that an unchanged text is written as it was. */
  text: string;
  encoding: Encoding;
  /** Whether some bytes of a UTF-8 file are invalid. */
  hasInvalidBytes: boolean;
}

/** Decodes a file without loss. Returns null for a binary file. */
export function decodeText(content: Buffer): TextFile | null {
  const isValid = { hasInvalidBytes: false };
  if (content[0] === 0xff && content[1] === 0xfe && content.length % 2 === 0)
    return { text: content.toString('utf16le'), encoding: 'UTF-16 LE', ...isValid };
  if (content[0] === 0xfe && content[1] === 0xff && content.length % 2 === 0)
    return { text: Buffer.from(content).swap16().toString('utf16le'), encoding: 'UTF-16 BE', ...isValid };
  if (content.includes(0)) return null;
  const text = content.toString('utf8');
  if (Buffer.from(text).equals(content)) return { text, encoding: 'UTF-8', ...isValid };
  const { parts, sequences, invalid } = splitUtf8(content);
  if (sequences >= invalid) return { text: parts.join(''), encoding: 'UTF-8', hasInvalidBytes: true };
  return { text: decodeWindows1252(content), encoding: 'Windows-1252', ...isValid };
}

/** Returns what to write for a text that was decoded with `decodeText` and edited. Throws UnrepresentableError. */
export function encodeText(text: string, { encoding, hasInvalidBytes }: Omit<TextFile, 'text'>): Buffer | string {
  if (encoding === 'UTF-16 LE') return Buffer.from(text, 'utf16le');
  if (encoding === 'UTF-16 BE') return Buffer.from(text, 'utf16le').swap16();
  if (encoding === 'Windows-1252') return encodeWindows1252(text);
  if (!hasInvalidBytes) return text;
  const parts = text.split(/([\udc80-\udcff])(?<![\ud800-\udbff].)/);
  return Buffer.concat(
    parts.map((part, i) => (i % 2 ? Buffer.from([part.charCodeAt(0) - INVALID_BYTE]) : Buffer.from(part))),
  );
}

/** The text has characters that the encoding of the file does not have. */
export class UnrepresentableError extends Error {
  constructor(readonly characters: string[]) {
    super(`Windows-1252 has no ${characters.join(' ')}`);
  }
}

/** Returns the text as a model reads it: without byte order mark, invalid bytes as U+FFFD. */
export function shownText(text: string): string {
  return wellFormed(text.startsWith(BOM) ? text.slice(1) : text);
}

/** Replaces lone surrogates, which no encoding has. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\ufffd');
}

export type LineEnding = '\n' | '\r\n' | 'mixed';

/** Returns how the lines end, or null for a single line. */
export function lineEnding(text: string): LineEnding | null {
  const all = text.split('\n').length - 1;
  const windows = text.split('\r\n').length - 1;
  if (all === 0) return null;
  return windows === 0 ? '\n' : windows === all ? '\r\n' : 'mixed';
}

/** Returns the positions at which `part` occurs, whatever its lines and those of the text end with. */
export function findPart(text: string, part: string): { start: number; end: number }[] {
  const wanted = part.replaceAll('\r\n', '\n');
  const { plain, positionOf } = withoutReturns(text);
  const found: { start: number; end: number }[] = [];
  for (let at = plain.indexOf(wanted); at >= 0; at = plain.indexOf(wanted, at + wanted.length))
    found.push({ start: positionOf(at), end: positionOf(at + wanted.length) });
  return found;
}

/**
 * Replaces a range of the text. What is the same at its start and end stays as it is, and each new line ends as the line that it
 * replaces, or as the lines around it.
 */
export function replaceRange(
  text: string,
  { start, end }: { start: number; end: number },
  replacement: string,
): string {
  const { plain: before, positionOf } = withoutReturns(text.slice(start, end));
  const after = replacement.replaceAll('\r\n', '\n');
  const shorter = Math.min(before.length, after.length);
  let same = 0;
  while (same < shorter && before[same] === after[same]) same++;
  let sameEnd = 0;
  while (sameEnd < shorter - same && before.at(-1 - sameEnd) === after.at(-1 - sameEnd)) sameEnd++;
  const from = start + positionOf(same);
  const to = start + positionOf(before.length - sameEnd);
  const endings = text.slice(from, to).match(/\r?\n/g) ?? [];
  const ending =
    /\r?\n[^\n]*$/.exec(text.slice(0, from))?.[0] ?? /\r?\n/.exec(text.slice(to))?.[0] ?? endings[0] ?? '\n';
  const lines = after.slice(same, after.length - sameEnd).split('\n');
  const newText = lines
    .map((line, i) =>
      i === lines.length - 1 ? line : line + (endings[i] ?? (ending.startsWith('\r') ? '\r\n' : '\n')),
    )
    .join('');
  return text.slice(0, from) + newText + text.slice(to);
}

/** Removes the \r of each \r\n. `positionOf` returns the position in the original text. */
function withoutReturns(text: string): { plain: string; positionOf: (at: number) => number } {
  const removed: number[] = [];
  for (let at = text.indexOf('\r\n'); at >= 0; at = text.indexOf('\r\n', at + 2)) removed.push(at - removed.length);
  const positionOf = (at: number) => {
    let [low, high] = [0, removed.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (removed[middle]! < at) low = middle + 1;
      else high = middle;
    }
    return at + low;
  };
  return { plain: text.replaceAll('\r\n', '\n'), positionOf };
}

/** Splits UTF-8 into valid text and invalid bytes, and counts characters of several bytes and invalid bytes. */
function splitUtf8(content: Buffer): { parts: string[]; sequences: number; invalid: number } {
  const parts: string[] = [];
  let [sequences, invalid, start] = [0, 0, 0];
  for (let at = 0; at < content.length;) {
    const length = sequenceLength(content, at);
    if (length === 0) {
      parts.push(content.toString('utf8', start, at), String.fromCharCode(INVALID_BYTE + content[at]!));
      invalid++;
      start = at + 1;
    } else if (length > 1) sequences++;
    at += Math.max(1, length);
  }
  parts.push(content.toString('utf8', start));
  return { parts, sequences, invalid };
}

/** Returns the number of bytes of the character at `at`, or 0 if it is invalid. */
function sequenceLength(content: Buffer, at: number): number {
  const first = content[at]!;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const bytes = content.subarray(at, at + length);
  return bytes.length === length && Buffer.from(bytes.toString('utf8')).equals(bytes) ? length : 0;
}

function decodeWindows1252(content: Buffer): string {
  return content
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, (character) => WINDOWS_1252[character.charCodeAt(0) - 0x80]!);
}

function encodeWindows1252(text: string): Buffer {
  const unknown = new Set<string>();
  const bytes = text.replace(/[^\0-\x7f\xa0-\xff]/gu, (character) => {
    const index = WINDOWS_1252.indexOf(character);
    if (index < 0) unknown.add(character);
    return String.fromCharCode(0x80 + index);
  });
  if (unknown.size > 0) throw new UnrepresentableError([...unknown].slice(0, 10));
  return Buffer.from(bytes, 'latin1');
}
