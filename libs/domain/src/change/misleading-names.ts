import { foldName, IGNORABLE } from '../text/folded-path';

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const ASCII = /^[\u0000-\u007f]*$/;
const LATIN = /\p{Script=Latin}/u;
const SIMILAR_TO_LATIN = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Lisu}]/u;

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
      /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name) ||
      (!ASCII.test(name) && ASCII.test(foldName(name))) ||
      (name.match(/[\p{L}\p{M}]+/gu) ?? []).some((word) => LATIN.test(word) && SIMILAR_TO_LATIN.test(word));
    if (isMisleading) return 'Its name looks like another name, or is another name on some systems.';
  }
  return null;
}
