/* The patterns of .gitattributes (gitattributes(5), gitignore(5)). They are untrusted input, so they are not turned into regular expressions, which could be slow. */

/** The segments of a path pattern, each split into characters; wildcards and character classes are one token. */
export type Glob = string[][];

/** Parses a pattern. With a slash it is relative to its folder; without one it matches names in all folders below. */
export function parseGlob(folder: string, pattern: string): Glob {
  const segments = pattern.replace(/^\//, '').split('/');
  const parts = pattern.includes('/') ? segments : ['**', ...segments];
  const folders = folder.split('/').filter(Boolean);
  return [...folders.map((name) => [...name]), ...parts.map((part) => part.match(/\*+|\[!?[^\]]+\]|\\?[^]/g) ?? [])];
}

/** Splits a path into segments and each segment into characters, for `matchesGlob`. */
export const partsOf = (path: string): string[][] => path.split('/').map((name) => [...name]);

export function matchesGlob(glob: Glob, parts: string[][]): boolean {
  return matches(glob, parts, isAnyFolders, matchesName);
}

const isAnyFolders = (part: string[]) => part[0] === '**';
const isAny = (token: string) => token[0] === '*';
const matchesName = (part: string[], name: string[]) => matches(part, name, isAny, matchesCharacter);

/** Returns true if the items match the pattern, in which a star matches any number of items. Backtracks to the last star only. */
function matches<Part, Item>(
  pattern: Part[],
  items: Item[],
  isStar: (part: Part) => boolean,
  matchesItem: (part: Part, item: Item) => boolean,
): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let resume = 0;
  while (next < items.length) {
    const part = pattern[at];
    if (part !== undefined && isStar(part)) {
      star = at++;
      resume = next;
    } else if (part !== undefined && matchesItem(part, items[next]!)) {
      at++;
      next++;
    } else if (star >= 0) {
      at = star + 1;
      next = ++resume;
    } else return false;
  }
  return pattern.slice(at).every(isStar);
}

function matchesCharacter(token: string, character: string): boolean {
  if (token === '?') return true;
  if (token.length < 3) return token.at(-1) === character;
  const isInClass = [
    ...token
      .slice(1, -1)
      .replace(/^!/, '')
      .matchAll(/([^])-([^])|([^])/g),
  ].some(([, from, to, single]) =>
    single === undefined ? from! <= character && character <= to! : single === character,
  );
  return isInClass !== token.startsWith('[!');
}
