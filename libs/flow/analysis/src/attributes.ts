import { matchesGlob, parseGlob, partsOf, type Glob } from './glob';

/** Linguist attributes of a file from .gitattributes, as documented in github-linguist's docs/overrides.md. */
export interface LanguageAttributes {
  vendored?: boolean;
  generated?: boolean;
  documentation?: boolean;
  detectable?: boolean;
  language?: string;
}

type Key = keyof LanguageAttributes;
interface Line {
  glob: Glob;
  attributes: Map<Key, boolean | string | undefined>;
}

/** Limits the work, because each line is compared with every path of a repository. */
const MAX_LINES = 1_000;
const FILE_NAME = /(?<=^|\/)\.gitattributes$/;
const NO_ATTRIBUTES: LanguageAttributes = {};

export const isAttributesFile = (path: string) => FILE_NAME.test(path);

/** Returns a function that gives the attributes of a path. Deeper files override higher ones, and later lines earlier ones. */
export function parseAttributes(files: { path: string; text: string }[]): (path: string) => LanguageAttributes {
  const linesOf = new Map<string, Line[]>();
  let remaining = MAX_LINES;
  for (const { path, text } of files) {
    const folder = path.replace(FILE_NAME, '');
    const lines = parse(folder, text).slice(0, remaining);
    linesOf.set(folder, lines);
    remaining -= lines.length;
  }
  return (path) => {
    const lines = foldersOf(path).flatMap((folder) => linesOf.get(folder) ?? []);
    if (lines.length === 0) return NO_ATTRIBUTES;
    const parts = partsOf(path);
    const entries = lines.filter(({ glob }) => matchesGlob(glob, parts)).flatMap(({ attributes }) => [...attributes]);
    return entries.length === 0 ? NO_ATTRIBUTES : Object.fromEntries(entries);
  };
}

/** Returns the root and each folder down to the file. */
function foldersOf(path: string): string[] {
  const folders = [''];
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) folders.push(path.slice(0, at + 1));
  return folders;
}

function parse(folder: string, text: string): Line[] {
  return text.split('\n').flatMap((line) => {
    const [, quoted, plain, rest = ''] = /^\s*(?:"((?:[^"\\]|\\.)*)"|([^\s#"]\S*))\s+(.*)$/.exec(line) ?? [];
    const glob = quoted ?? plain;
    const attributes = parseLinguistAttributes(rest);
    // Git ignores negative patterns and folder patterns (`docs/`) here.
    return !glob || attributes.size === 0 || /^!|\/$/.test(glob) ? [] : [{ glob: parseGlob(folder, glob), attributes }];
  });
}

function parseLinguistAttributes(words: string): Line['attributes'] {
  const attributes: Line['attributes'] = new Map();
  for (const word of words.trim().split(/\s+/)) {
    const [, sign, key, value] =
      /^([-!]?)linguist-(vendored|generated|documentation|detectable|language)(?:=(.*))?$/.exec(word) ?? [];
    if (!key) continue;
    if (sign === '!') attributes.set(key as Key, undefined);
    else if (key === 'language') attributes.set(key, value ?? '');
    else attributes.set(key as Key, sign !== '-' && value !== 'false');
  }
  return attributes;
}
