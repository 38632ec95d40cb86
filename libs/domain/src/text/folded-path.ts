const ASCII = /^[\u0000-\u007f]*$/;

/** Characters that readers and some file systems do not see: zero-width characters, bidirectional controls, variation selectors, tags. */
export const IGNORABLE =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]|[\u{e0000}-\u{e0fff}]/gu;

/**
 * Returns the path as the most tolerant file system compares it: case-folded, in Unicode normal form NFKC, without
 * invisible characters, and without what Windows drops at the end of a name (dots, spaces, `:` and a stream).
 */
export function foldPath(path: string): string {
  return path.replaceAll('\\', '/').split('/').map(foldName).join('/');
}

/** Returns one name of a path, folded as by foldPath. */
export function foldName(name: string): string {
  const folded = ASCII.test(name)
    ? name.toLowerCase()
    : name.replace(IGNORABLE, '').normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
  const visible = folded.replace(/^\s+/, '').replace(/(.):.*$/s, '$1');
  return visible.replace(/(.)[. ]+$/, '$1');
}
