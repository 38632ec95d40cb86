/** Characters that readers and some file systems do not see: zero-width characters, bidirectional controls, variation selectors, tags. */
const IGNORABLE =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]|[\u{e0000}-\u{e0fff}]/gu;
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const ASCII = /^[\u0000-\u007f]*$/;
const LATIN = /\p{Script=Latin}/u;
const SIMILAR_TO_LATIN = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Lisu}]/u;

/**
 * Returns the path as the most tolerant file system compares it: case-folded, in Unicode normal form NFKC, without
 * invisible characters, and without what Windows drops at the end of a name (dots, spaces, `:` and a stream).
 */
export function foldPath(path: string): string {
  return path.replaceAll('\\', '/').split('/').map(foldName).join('/');
}

function foldName(name: string): string {
  const folded = ASCII.test(name)
    ? name.toLowerCase()
    : name.replace(IGNORABLE, '').normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
  const visible = folded.replace(/^\s+/, '').replace(/(.):.*$/, '$1');
  return visible.replace(/(.)[. ]+$/, '$1');
}

/** Returns the path with its invisible characters and backticks as escapes, so that it can be shown to people. */
export function visiblePath(path: string): string {
  const hidden = new RegExp(`${IGNORABLE.source}|${CONTROL.source}|\x60`, 'gu');
  return path.replace(hidden, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** Returns why a reader or a file system can take the name for another one, or null. */
export function misleadingName(path: string): string | null {
  for (const name of path.split('/')) {
    IGNORABLE.lastIndex = 0;
    if (IGNORABLE.test(name) || CONTROL.test(name)) return 'Its name contains invisible characters.';
    const isMisleading =
      /[. ]$|^ |[\\:]|~\d+(\.|$)/.test(name) ||
      (!ASCII.test(name) && ASCII.test(foldName(name))) ||
      (name.match(/[\p{L}\p{M}]+/gu) ?? []).some((word) => LATIN.test(word) && SIMILAR_TO_LATIN.test(word));
    if (isMisleading) return 'Its name looks like another name, or is another name on some systems.';
  }
  return null;
}
