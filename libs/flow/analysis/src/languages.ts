import type { LanguageShare, TreeEntry } from '@teko/domain';
import { isAttributesFile, parseAttributes, type LanguageAttributes } from './attributes';
import { excludedByContent, excludedByPath, type Exclusion } from './excluded';
import { languageOf } from './language-of';
import { byAlias, type Language } from './language-table';
import type { CountedFile } from './structure';

export { languageOf } from './language-of';

const COUNTED_TYPES = ['programming', 'markup'];
const EMPTY = Buffer.alloc(0);
/** Linguist does not read the end of larger files either (lazy_blob.rb). */
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
 * Counts languages by bytes and files like github-linguist, including .gitattributes. `heads` holds the start of each blob,
 * except for blobs that are too large to read.
 */
export function countLanguages(tree: TreeEntry[], heads: Map<string, Buffer>): LanguageCount {
  const files = tree.filter(({ mode }) => mode.startsWith('100'));
  const attributesOf = readAttributesFiles(files, heads);
  const paths = new Set(files.map(({ path }) => path));
  const counts = new Map<string, { bytes: number; files: number }>();
  const excluded: Record<string, number> = {};
  const counted: CountedFile[] = [];
  let totalFiles = 0;
  let totalBytes = 0;
  for (const { path, blob, bytes } of files) {
    const attributes = attributesOf(path);
    const head = heads.get(blob) ?? EMPTY;
    const exclusion =
      excludedByPath(path, attributes) ??
      excludedByContent(path, head, attributes) ??
      (head.length < bytes && bytes <= MAX_BYTES ? excludedUnread(path, paths, attributes) : null);
    if (exclusion) {
      excluded[exclusion] = (excluded[exclusion] ?? 0) + 1;
      continue;
    }
    totalFiles++;
    totalBytes += bytes;
    const language = countedLanguage(path, head, attributes);
    if (!language || bytes === 0) continue;
    const name = language.group ?? language.name;
    const count = counts.get(name) ?? { bytes: 0, files: 0 };
    counts.set(name, { bytes: count.bytes + bytes, files: count.files + 1 });
    counted.push({ path, bytes, language: name });
  }
  return { languages: shares(counts), counted, excluded, totalFiles, totalBytes };
}

function readAttributesFiles(files: TreeEntry[], heads: Map<string, Buffer>): (path: string) => LanguageAttributes {
  const attributesFiles = files.filter(({ path }) => isAttributesFile(path));
  return parseAttributes(
    attributesFiles.map(({ path, blob }) => ({ path, text: (heads.get(blob) ?? EMPTY).toString() })),
  );
}

/** A script or stylesheet whose end was not read counts as generated if its source map exists beside it. */
function excludedUnread(path: string, paths: Set<string>, { generated }: LanguageAttributes): Exclusion | null {
  return generated === undefined && /\.(?:js|css)$/i.test(path) && paths.has(`${path}.map`) ? 'generated' : null;
}

function countedLanguage(path: string, head: Buffer, attributes: LanguageAttributes): Language | null {
  const language =
    attributes.language === undefined ? languageOf(path, head.toString('latin1')) : byAlias(attributes.language);
  return language && (attributes.detectable ?? COUNTED_TYPES.includes(language.type)) ? language : null;
}

function shares(counts: Map<string, { bytes: number; files: number }>): LanguageShare[] {
  const total = [...counts.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  return [...counts]
    .map(([name, { bytes, files }]) => ({ name, bytes, files, share: Math.round((bytes / total) * 1000) / 10 }))
    .sort((a, b) => b.bytes - a.bytes);
}
