import { encodedForms } from './secret-forms';

/** Shorter or more common texts are found only as they are: letters and digits alone would match ordinary text. */
const MIN_LENGTH = 8;
const MIN_DIFFERENT = 5;
const COMMON =
  /^(?:password|passw0rd|changeme|postgres|localhost|username|administrator|development|production|secret)\d*$/;
/** Characters between two letters or digits of a secret, such as quotes, commas and line breaks. */
const MAX_GAP = 24;
const GRAM = 4;
const SYMBOLS = 36;
const GRAMS = SYMBOLS ** GRAM;
/** A number or an offset at the start of a line, as tools print it. */
const LINE_PREFIX = /[ \t]*(?:\d{1,7}[\t:|]|[\da-f]{6,8}(?::| {2}))/iy;

interface Form {
  /** Letters and digits as numbers from 0 to 35, in any letter case. */
  core: Uint8Array;
  /** What surrounds the core in the encoded secret, such as padding. */
  before: string;
  after: string;
}

/** A range of characters in a text. */
export interface Range {
  start: number;
  end: number;
}

/**
 * Returns a function that finds the secrets in any letter case, in other encodings, and spread over spaces, quotes and lines. Its
 * time is proportional to the length of the text.
 */
export function secretFinder(secrets: string[]): (text: string) => Range[] {
  const byGram = new Map<number, Form[]>();
  const isFirst = new Uint8Array(GRAMS / 8);
  for (const form of secrets.filter(isSearchable).flatMap(encodedForms).map(formOf)) {
    if (form.core.length < MIN_LENGTH) continue;
    const gram = form.core.subarray(0, GRAM).reduce((sum, symbol) => sum * SYMBOLS + symbol, 0);
    const forms = byGram.get(gram) ?? [];
    if (!forms.some(({ core }) => Buffer.compare(core, form.core) === 0)) forms.push(form);
    byGram.set(gram, forms);
    isFirst[gram >> 3]! |= 1 << (gram & 7);
  }
  if (byGram.size === 0) return () => [];
  return (text) => {
    const { core, positions } = squeeze(text);
    const ranges: Range[] = [];
    let gram = 0;
    for (let at = 0; at < core.length; at++) {
      gram = ((gram * SYMBOLS) % GRAMS) + core[at]!;
      if (at < GRAM - 1 || !(isFirst[gram >> 3]! & (1 << (gram & 7)))) continue;
      for (const form of byGram.get(gram)!) {
        const range = matchAt(text, { core, positions }, at - GRAM + 1, form);
        if (range) ranges.push(range);
      }
    }
    return merged(ranges);
  };
}

/** Whether the secret is long and unusual enough to be found in other forms than as it is. */
export function isSearchable(secret: string): boolean {
  const letters = secret.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
  return letters.length >= MIN_LENGTH && new Set(letters).size >= MIN_DIFFERENT && !COMMON.test(secret.toLowerCase());
}

function formOf(text: string): Form {
  const before = /^[^A-Za-z0-9]*/.exec(text)![0];
  return { core: squeeze(text).core, before, after: /[^A-Za-z0-9]*$/.exec(text)![0] };
}

/** The letters and digits of a text as numbers from 0 to 35, with their positions. */
function squeeze(text: string): { core: Uint8Array; positions: Uint32Array } {
  const core = new Uint8Array(text.length);
  const positions = new Uint32Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const symbol =
      code >= 97 && code <= 122
        ? code - 87
        : code >= 48 && code <= 57
          ? code - 48
          : code >= 65 && code <= 90
            ? code - 55
            : -1;
    if (symbol >= 0) {
      core[length] = symbol;
      positions[length++] = at;
    } else if (code === 10) {
      LINE_PREFIX.lastIndex = at + 1;
      if (LINE_PREFIX.test(text)) at = LINE_PREFIX.lastIndex - 1;
    }
  }
  return { core: core.subarray(0, length), positions };
}

function matchAt(
  text: string,
  { core, positions }: { core: Uint8Array; positions: Uint32Array },
  first: number,
  form: Form,
): Range | null {
  const last = first + form.core.length - 1;
  if (last >= core.length) return null;
  for (let i = 0; i < form.core.length; i++) {
    if (core[first + i] !== form.core[i]) return null;
    if (i > 0 && positions[first + i]! - positions[first + i - 1]! > MAX_GAP + 1) return null;
  }
  const start = positions[first]!;
  const end = positions[last]! + 1;
  return {
    start: text.endsWith(form.before, start) ? start - form.before.length : start,
    end: text.startsWith(form.after, end) ? end + form.after.length : end,
  };
}

/** Merges ranges that overlap. They are sorted by the position of their first letter. */
export function merged(ranges: Range[]): Range[] {
  const result: Range[] = [];
  for (const { start, end } of ranges.sort((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else result.push({ start, end });
  }
  return result;
}
