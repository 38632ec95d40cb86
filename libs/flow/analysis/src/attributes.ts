import { fitsGlob, partsOf, readGlob, type Glob } from './glob';

/** What a repository says of its own files in .gitattributes, in the words of github-linguist's docs/overrides.md. */
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
  says: Map<Key, boolean | string | undefined>;
}

/** More lines than anybody writes would be compared with every path of a repository. */
const MAX_LINES = 1_000;
const FILE_NAME = /(?<=^|\/)\.gitattributes$/;
const NOTHING: LanguageAttributes = {};

export const isAttributesFile = (path: string) => FILE_NAME.test(path);

/** Answers for each path what the attribute files say; a deeper one counts more, and in each the last line. */
export function readAttributes(files: { path: string; text: string }[]): (path: string) => LanguageAttributes {
  const linesOf = new Map<string, Line[]>();
  let room = MAX_LINES;
  for (const { path, text } of files) {
    const folder = path.replace(FILE_NAME, '');
    const lines = parse(folder, text).slice(0, room);
    linesOf.set(folder, lines);
    room -= lines.length;
  }
  return (path) => {
    const lines = foldersOf(path).flatMap((folder) => linesOf.get(folder) ?? []);
    if (lines.length === 0) return NOTHING;
    const parts = partsOf(path);
    const said = lines.filter(({ glob }) => fitsGlob(glob, parts)).flatMap(({ says }) => [...says]);
    return said.length === 0 ? NOTHING : Object.fromEntries(said);
  };
}

/** The top, and each folder on the way to the file. */
function foldersOf(path: string): string[] {
  const folders = [''];
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) folders.push(path.slice(0, at + 1));
  return folders;
}

function parse(folder: string, text: string): Line[] {
  return text.split('\n').flatMap((line) => {
    const [, quoted, plain, rest = ''] = /^\s*(?:"((?:[^"\\]|\\.)*)"|([^\s#"]\S*))\s+(.*)$/.exec(line) ?? [];
    const glob = quoted ?? plain;
    const says = attributesIn(rest);
    // Git knows neither negative patterns nor folders (`docs/`) here.
    return !glob || says.size === 0 || /^!|\/$/.test(glob) ? [] : [{ glob: readGlob(folder, glob), says }];
  });
}

function attributesIn(words: string): Line['says'] {
  const says: Line['says'] = new Map();
  for (const word of words.trim().split(/\s+/)) {
    const [, sign, key, value] =
      /^([-!]?)linguist-(vendored|generated|documentation|detectable|language)(?:=(.*))?$/.exec(word) ?? [];
    if (!key) continue;
    if (sign === '!') says.set(key as Key, undefined);
    else if (key === 'language') says.set(key, value ?? '');
    else says.set(key as Key, sign !== '-' && value !== 'false');
  }
  return says;
}
