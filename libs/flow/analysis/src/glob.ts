/* The patterns of .gitattributes (gitattributes(5), gitignore(5)). They come from strangers: no pattern may be slow, so none becomes a regular expression. */

/** Folders and the name of a path, each as its characters; a star, a question mark and a class stand for themselves. */
export type Glob = string[][];

/** A pattern with a slash in it belongs to its folder; one without fits names in all folders below. */
export function readGlob(folder: string, pattern: string): Glob {
  const own = pattern.replace(/^\//, '').split('/');
  const parts = pattern.includes('/') ? own : ['**', ...own];
  const folders = folder.split('/').filter(Boolean);
  return [...folders.map((name) => [...name]), ...parts.map((part) => part.match(/\*+|\[!?[^\]]+\]|\\?[^]/g) ?? [])];
}

/** A path as patterns are compared with it: folders and name, each as its characters. */
export const partsOf = (path: string): string[][] => path.split('/').map((name) => [...name]);

export function fitsGlob(glob: Glob, parts: string[][]): boolean {
  return fits(glob, parts, isFolders, fitsName);
}

const isFolders = (part: string[]) => part[0] === '**';
const isAny = (token: string) => token[0] === '*';
const fitsName = (part: string[], name: string[]) => fits(part, name, isAny, isCharacter);

/** Whether the items fit the pattern, where a star stands for any number of them. Only the last star is tried again. */
function fits<Part, Item>(
  pattern: Part[],
  items: Item[],
  isStar: (part: Part) => boolean,
  isOne: (part: Part, item: Item) => boolean,
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
    } else if (part !== undefined && isOne(part, items[next]!)) {
      at++;
      next++;
    } else if (star >= 0) {
      at = star + 1;
      next = ++resume;
    } else return false;
  }
  return pattern.slice(at).every(isStar);
}

function isCharacter(token: string, character: string): boolean {
  if (token === '?') return true;
  if (token.length < 3) return token.at(-1) === character;
  const isIn = [
    ...token
      .slice(1, -1)
      .replace(/^!/, '')
      .matchAll(/([^])-([^])|([^])/g),
  ].some(([, from, to, one]) => (one === undefined ? from! <= character && character <= to! : one === character));
  return isIn !== token.startsWith('[!');
}
