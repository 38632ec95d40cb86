import type { FileClass, FileRules } from '@teko/domain';
import { isAttributesFile, parseAttributes, type LanguageAttributes } from './attributes';
import { excludedByContent, excludedByPath, type Exclusion } from './excluded';
import { byAlias } from './language-table';
import { languageOf } from './languages';
import { containsSecret, isSecretName } from './secrets';

const MAX_HEAD_BYTES = 16 * 1024;
/** Larger data files are not indexed. */
const MAX_DATA_BYTES = 64 * 1024;
const MAX_AVERAGE_LINE_LENGTH = 500;
const MIN_MINIFIED_BYTES = 2_000;

/** Paths that Linguist treats as vendored, but that are usually written by the project itself. */
const FALSELY_VENDORED =
  /(?<=^|\/)(?:\.github|cache|env(?!\/(?:bin|lib|Lib|include|Scripts)\/))\/|\.d(?=\.[cm]?ts$)|(?<=Jenkins|Vagrant)file$/g;
const LOCK_FILE = /[^/]\.(?:lock|lockb|lockfile|resolved|freeze)$|[^/][.-]lock\.(?:json|ya?ml|hcl)$/;
/** Recordings of test tools. */
const RECORDING = /(?:^|\/)(?:__snapshots__|(?:vcr_)?cassettes)\/|\.(?:snap|har)$/;
const DUMP_NAME = /\.(?:dump|dmp)$/i;
const SQL_NAME = /\.(?:p|my)?sql$/i;
const DUMP =
  /^--[^\n]*(?:MySQL|MariaDB|PostgreSQL|phpMyAdmin)[^\n]* dump\b|^PRAGMA foreign_keys=OFF;\s+BEGIN TRANSACTION;/im;
const MAX_DUMP_HEADER_BYTES = 512;

/** The rules of the code index, including .gitattributes. */
export const CODE_RULES: FileRules = {
  isAttributesFile,
  classifier: (attributesFiles) => {
    const attributesOf = parseAttributes(attributesFiles);
    return {
      attributesOf: (path) => serializeAttributes(attributesOf(path)),
      classify: (path, content) => classifyFile(path, content, attributesOf(path)),
    };
  },
};

/** Returns the language of a file for the code index, or why it is skipped. Documentation is indexed too. */
export function classifyFile(path: string, content: Buffer, attributes: LanguageAttributes = {}): FileClass {
  const skipped = (reason: string): FileClass => ({ language: null, skipped: reason });
  if (isSecretName(path)) return skipped('secret');
  const byPath = excludedByName(path, attributes);
  if (byPath) return skipped(byPath);
  if (content.includes(0)) return skipped('binary');
  const text = content.toString('latin1');
  if (containsSecret(path, text)) return skipped('secret');
  const language = languageFromAttributes(attributes) ?? languageOf(path, text.slice(0, MAX_HEAD_BYTES));
  if (language?.type !== 'prose' && isMinified(content)) return skipped('minified');
  if (attributes.generated === undefined && isDump(path, text)) return skipped('generated');
  if (excludedByContent(path, content, attributes)) return skipped('generated');
  if ((language?.type ?? 'data') === 'data' && content.length > MAX_DATA_BYTES) return skipped('large');
  return { language: language?.name ?? null, skipped: null };
}

function languageFromAttributes({ language }: LanguageAttributes) {
  return language === undefined ? null : byAlias(language);
}

/** Serializes the attributes that `classifyFile` uses. */
function serializeAttributes(attributes: LanguageAttributes): string {
  const language = languageFromAttributes(attributes)?.name.replaceAll(' ', '_');
  const parts = { vendored: attributes.vendored, generated: attributes.generated, language };
  return Object.entries(parts)
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]))
    .join(',');
}

function excludedByName(path: string, attributes: LanguageAttributes): Exclusion | null {
  const isGeneratedName = LOCK_FILE.test(path) || RECORDING.test(path) || DUMP_NAME.test(path);
  if (isGeneratedName && attributes.generated === undefined) return 'generated';
  const reason = excludedByPath(path.replace(FALSELY_VENDORED, ''), attributes);
  return reason === 'documentation' ? null : reason;
}

function isDump(path: string, text: string): boolean {
  return SQL_NAME.test(path) && DUMP.test(text.slice(0, MAX_DUMP_HEADER_BYTES));
}

/** Returns true if the lines are longer on average than anything written by hand. */
function isMinified(content: Buffer): boolean {
  if (content.length < MIN_MINIFIED_BYTES) return false;
  let lines = 1;
  for (let at = content.indexOf(10); at >= 0; at = content.indexOf(10, at + 1)) lines++;
  return content.length / lines > MAX_AVERAGE_LINE_LENGTH;
}
