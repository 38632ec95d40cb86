import type { LanguageShare, TreeEntry } from '@teko/domain';
import { isAttributesFile, readAttributes, type LanguageAttributes } from './attributes';
import { excludedByContent, excludedByPath, type Exclusion } from './excluded';
import { languageOf } from './language-of';
import { byAlias, type Language } from './language-table';
import type { CountedFile } from './structure';

export { languageOf } from './language-of';

const COUNTED_TYPES = ['programming', 'markup'];
const NONE = Buffer.alloc(0);
/** Of a larger file Linguist sees no end either (lazy_blob.rb). */
const MAX_BYTES = 128 * 1024;

export interface LanguageCount {
  /** The files that were counted as a language. */
  counted: CountedFile[];
  languages: LanguageShare[];
  excluded: Record<string, number>;
  totalFiles: number;
  totalBytes: number;
}

/**
 * Counts languages by bytes and files as github-linguist does, .gitattributes included. `heads` holds the start of each
 * blob; what it lacks is too large to be looked at.
 */
export function countLanguages(tree: TreeEntry[], heads: Map<string, Buffer>): LanguageCount {
  const files = tree.filter(({ mode }) => mode.startsWith('100'));
  const attributesOf = attributesIn(files, heads);
  const paths = new Set(files.map(({ path }) => path));
  const counts = new Map<string, { bytes: number; files: number }>();
  const excluded: Record<string, number> = {};
  const counted: CountedFile[] = [];
  let totalFiles = 0;
  let totalBytes = 0;
  for (const { path, blob, bytes } of files) {
    const said = attributesOf(path);
    const head = heads.get(blob) ?? NONE;
    const exclusion =
      excludedByPath(path, said) ??
      excludedByContent(path, head, said) ??
      (head.length < bytes && bytes <= MAX_BYTES ? excludedUnread(path, paths, said) : null);
    if (exclusion) {
      excluded[exclusion] = (excluded[exclusion] ?? 0) + 1;
      continue;
    }
    totalFiles++;
    totalBytes += bytes;
    const language = countedLanguage(path, head, said);
    if (!language || bytes === 0) continue;
    const name = language.group ?? language.name;
    const count = counts.get(name) ?? { bytes: 0, files: 0 };
    counts.set(name, { bytes: count.bytes + bytes, files: count.files + 1 });
    counted.push({ path, bytes, language: name });
  }
  return { languages: shares(counts), counted, excluded, totalFiles, totalBytes };
}

function attributesIn(files: TreeEntry[], heads: Map<string, Buffer>): (path: string) => LanguageAttributes {
  const found = files.filter(({ path }) => isAttributesFile(path));
  return readAttributes(found.map(({ path, blob }) => ({ path, text: (heads.get(blob) ?? NONE).toString() })));
}

/** A script or style sheet whose end was not read is generated where its source map lies beside it. */
function excludedUnread(path: string, paths: Set<string>, { generated }: LanguageAttributes): Exclusion | null {
  return generated === undefined && /\.(?:js|css)$/i.test(path) && paths.has(`${path}.map`) ? 'generated' : null;
}

function countedLanguage(path: string, head: Buffer, said: LanguageAttributes): Language | null {
  const language = said.language === undefined ? languageOf(path, head.toString('latin1')) : byAlias(said.language);
  return language && (said.detectable ?? COUNTED_TYPES.includes(language.type)) ? language : null;
}

function shares(counts: Map<string, { bytes: number; files: number }>): LanguageShare[] {
  const total = [...counts.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  return [...counts]
    .map(([name, { bytes, files }]) => ({ name, bytes, files, share: Math.round((bytes / total) * 1000) / 10 }))
    .sort((a, b) => b.bytes - a.bytes);
}
