import type { FileClass, FileRules } from '@teko/domain';
import { isAttributesFile, readAttributes, type LanguageAttributes } from './attributes';
import { excludedByContent, excludedByPath, type Exclusion } from './excluded';
import { byAlias } from './language-table';
import { languageOf } from './languages';
import { holdsSecret, isSecretName } from './secrets';

const HEAD_BYTES = 16 * 1024;
/** Larger files that hold data say little about the code. */
const MAX_DATA_BYTES = 64 * 1024;
const LONG_LINE = 500;
const MIN_MINIFIED_BYTES = 2_000;

/** What Linguist takes for vendored; in what people commit, they are mostly their own work. */
const OWN_WORK =
  /(?<=^|\/)(?:\.github|cache|env(?!\/(?:bin|lib|Lib|include|Scripts)\/))\/|\.d(?=\.[cm]?ts$)|(?<=Jenkins|Vagrant)file$/g;
const LOCK_FILE = /[^/]\.(?:lock|lockb|lockfile|resolved|freeze)$|[^/][.-]lock\.(?:json|ya?ml|hcl)$/;
/** What test tools record. */
const RECORD = /(?:^|\/)(?:__snapshots__|(?:vcr_)?cassettes)\/|\.(?:snap|har)$/;
const DUMP_NAME = /\.(?:dump|dmp)$/i;
const SQL_NAME = /\.(?:p|my)?sql$/i;
const DUMP =
  /^--[^\n]*(?:MySQL|MariaDB|PostgreSQL|phpMyAdmin)[^\n]* dump\b|^PRAGMA foreign_keys=OFF;\s+BEGIN TRANSACTION;/im;
const DUMP_BYTES = 512;

/** What the code index takes, .gitattributes included. */
export const CODE_RULES: FileRules = {
  isAttributesFile,
  classifier: (speaking) => {
    const attributesOf = readAttributes(speaking);
    return {
      attributesOf: (path) => inOneWord(attributesOf(path)),
      classify: (path, content) => classifyFile(path, content, attributesOf(path)),
    };
  },
};

/** The language of a file for the code index, or why it stays out. Documentation stays in: it is asked about too. */
export function classifyFile(path: string, content: Buffer, said: LanguageAttributes = {}): FileClass {
  const skipped = (reason: string): FileClass => ({ language: null, skipped: reason });
  if (isSecretName(path)) return skipped('secret');
  const byPath = excludedByName(path, said);
  if (byPath) return skipped(byPath);
  if (content.includes(0)) return skipped('binary');
  const text = content.toString('latin1');
  if (holdsSecret(path, text)) return skipped('secret');
  const language = saidLanguage(said) ?? languageOf(path, text.slice(0, HEAD_BYTES));
  if (language?.type !== 'prose' && isMinified(content)) return skipped('minified');
  if (said.generated === undefined && isDump(path, text)) return skipped('generated');
  if (excludedByContent(path, content, said)) return skipped('generated');
  if ((language?.type ?? 'data') === 'data' && content.length > MAX_DATA_BYTES) return skipped('large');
  return { language: language?.name ?? null, skipped: null };
}

function saidLanguage({ language }: LanguageAttributes) {
  return language === undefined ? null : byAlias(language);
}

/** Only what `classifyFile` asks for. */
function inOneWord(said: LanguageAttributes): string {
  const language = saidLanguage(said)?.name.replaceAll(' ', '_');
  const parts = { vendored: said.vendored, generated: said.generated, language };
  return Object.entries(parts)
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]))
    .join(',');
}

function excludedByName(path: string, said: LanguageAttributes): Exclusion | null {
  const isRecorded = LOCK_FILE.test(path) || RECORD.test(path) || DUMP_NAME.test(path);
  if (isRecorded && said.generated === undefined) return 'generated';
  const reason = excludedByPath(path.replace(OWN_WORK, ''), said);
  return reason === 'documentation' ? null : reason;
}

function isDump(path: string, text: string): boolean {
  return SQL_NAME.test(path) && DUMP.test(text.slice(0, DUMP_BYTES));
}

/** Nobody writes lines like that, in any language. */
function isMinified(content: Buffer): boolean {
  if (content.length < MIN_MINIFIED_BYTES) return false;
  let lines = 1;
  for (let at = content.indexOf(10); at >= 0; at = content.indexOf(10, at + 1)) lines++;
  return content.length / lines > LONG_LINE;
}
