import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { wordsOf } from '../../libs/adapters/memory/src/syntax/words';
import { documentedIn } from '../bench/retrieval/documented';

const MAX_BYTES = 300_000;
const MAX_LINES = 80;
/** Keeps one package from dominating the training. */
const MAX_PER_PACKAGE = 12_000;
const EXCLUDED_FOLDERS =
  /^(node_modules|dist|_cjs|_esm|cjs|esm|esm5|esm2015|lib-esm|umd|build|locales?|i18n|commonjs|min|__pycache__|\.git)$/;
const CODE = /\.(py|php|inc|go|ts|js)$/;
const GENERATED = /(\.d\.ts|\.min\.js|_test\.go|\.pb\.go|zz_generated.*)$/;

/** The stems of a function's doc comment and of its code. */
export interface Pair {
  package: string;
  doc: string[];
  code: string[];
}

/** Returns the pairs of all packages in a folder. Duplicate files and functions count once. */
export async function pairsIn(folder: string): Promise<Pair[]> {
  const seen = new Set<string>();
  const isNew = (text: string) => {
    const key = createHash('sha1').update(text).digest('hex');
    return !seen.has(key) && Boolean(seen.add(key));
  };
  const pairs: Pair[] = [];
  for (const name of readdirSync(folder).sort()) {
    const packagePairs: Pair[] = [];
    for (const path of codeFilesIn(join(folder, name))) {
      if (packagePairs.length >= MAX_PER_PACKAGE) break;
      const text = readFileSync(path, 'utf8');
      if (isNew(text)) packagePairs.push(...(await pairsOf(name, path, text, isNew)));
    }
    pairs.push(...packagePairs.slice(0, MAX_PER_PACKAGE));
  }
  return pairs;
}

async function pairsOf(name: string, path: string, text: string, isNew: (text: string) => boolean): Promise<Pair[]> {
  const lines = text.split('\n');
  const found = await documentedIn(path.replace(/\.inc$/, '.php'), text);
  return found
    .filter((one) => isNew(`${one.name} ${one.question}`))
    .map(({ question, line, lastLine, docFrom, docTo }) => {
      const last = Math.min(lastLine, line + MAX_LINES);
      const code = lines.filter((_, at) => at >= line && at <= last && (at < docFrom || at > docTo));
      return { package: name, doc: wordsOf(question), code: wordsOf(code.join('\n')) };
    });
}

function codeFilesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return EXCLUDED_FOLDERS.test(entry.name) ? [] : codeFilesIn(path);
      const isCode = entry.isFile() && CODE.test(entry.name) && !GENERATED.test(entry.name);
      return isCode && statSync(path).size <= MAX_BYTES ? [path] : [];
    });
}
