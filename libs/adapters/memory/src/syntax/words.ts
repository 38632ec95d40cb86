import { stemmer } from 'stemmer';

const IDENTIFIER = /[\p{L}\p{N}_$]+/gu;
const PARTS = /\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|[\p{Lo}\p{Lm}]+|\p{N}+/gu;
/** Scripts that put no spaces between words. */
const UNSPACED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Lm}]{2,}$/u;
const MAX_LETTERS = 40;
const MAX_STEMS = 50_000;

/** English stop words, including those of questions. */
export const STOP_WORDS = new Set(
  (
    'a an and are as at be been but by can could did do does for from had has have how i if in into is it its me my no not of on or our ' +
    'shall should so some such than that the their them then there these they this those to too was we were what when where which who why will with would you your'
  ).split(' '),
);

const stems = new Map<string, string>();

/** Returns the stem of a lower-case word, the same for `parses` and `parsing`. */
export function stem(word: string): string {
  const known = stems.get(word);
  if (known !== undefined) return known;
  if (stems.size >= MAX_STEMS) stems.clear();
  const found = /^[a-z]{3,}$/.test(word) ? stemmer(word) : word;
  stems.set(word, found);
  return found;
}

/**
 * Returns the stems of the words in prose or code, in order. Identifiers are split (`parseURL_list` into parse, url, list) and
 * also kept whole (`parseurllist`), so that an exact name ranks first. Chinese and Japanese are split into pairs of characters.
 */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [identifier] of text.matchAll(IDENTIFIER)) {
    const parts = identifier.match(PARTS) ?? [];
    for (const part of parts)
      if (isUnspaced(part)) words.push(...pairsOf(part));
      else if (part.length <= MAX_LETTERS) words.push(stem(part.toLowerCase()));
    if (parts.length > 1 && identifier.length <= MAX_LETTERS) words.push(parts.join('').toLowerCase());
  }
  return words;
}

/** Returns the spelling of each word in a text, by stem. */
export function spellingsOf(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [identifier] of text.matchAll(IDENTIFIER)) {
    for (const part of identifier.match(PARTS) ?? []) {
      const key = stem(part.toLowerCase());
      if (!found.has(key)) found.set(key, part.toLowerCase());
    }
  }
  return found;
}

function isUnspaced(part: string): boolean {
  return part.charCodeAt(0) > 0x2e7f && UNSPACED.test(part);
}

/** Pairs of adjacent characters, because words have no visible boundary. */
function pairsOf(part: string): string[] {
  const letters = [...part];
  return letters.slice(1).map((letter, i) => letters[i]! + letter);
}
