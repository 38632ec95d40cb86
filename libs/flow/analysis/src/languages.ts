import type { LanguageShare, TreeEntry } from '@teko/domain';
import * as linguist from 'linguist-languages';
import { excludedByContent, excludedByPath } from './excluded';

interface Language {
  name: string;
  type: string;
  group?: string;
  extensions?: readonly string[];
  filenames?: readonly string[];
  interpreters?: readonly string[];
}

const LANGUAGES = Object.values(linguist as unknown as Record<string, Language>).filter(
  (language) => language?.name && language.type,
);
const COUNTED_TYPES = ['programming', 'markup'];

function indexBy(key: 'extensions' | 'filenames' | 'interpreters'): Map<string, Language[]> {
  const index = new Map<string, Language[]>();
  for (const language of LANGUAGES)
    for (const value of language[key] ?? [])
      index.set(value.toLowerCase(), [...(index.get(value.toLowerCase()) ?? []), language]);
  return index;
}

const BY_EXTENSION = indexBy('extensions');
const BY_FILENAME = indexBy('filenames');
const BY_INTERPRETER = indexBy('interpreters');

/** Extensions that several languages share: the first whose pattern is in the file, else the last. From github-linguist's heuristics.yml. */
const AMBIGUOUS: Record<string, [string, RegExp | null][]> = {
  '.h': [
    ['Objective-C', /^\s*(@(interface|class|protocol|property|end|import)\b|#import\s)/m],
    [
      'C++',
      /^\s*(class|namespace|template)\b|\bstd::|^\s*(public|private|protected):|#include\s*<(string|vector|iostream|map|memory)>/m,
    ],
    ['C', null],
  ],
  '.ts': [
    ['XML', /<TS\b/],
    ['TypeScript', null],
  ],
  '.tsx': [
    ['XML', /^\s*<\?xml\s+version/i],
    ['TSX', null],
  ],
  '.m': [
    ['Objective-C', /^\s*(@(interface|class|protocol|property|end|import|implementation)\b|#import\s)/m],
    ['MATLAB', null],
  ],
  '.pl': [
    ['Prolog', /^[^#]*:-/m],
    ['Perl', null],
  ],
  '.pm': [['Perl', null]],
  '.t': [['Perl', null]],
  '.php': [
    ['Hack', /^<\?hh\b/],
    ['PHP', null],
  ],
  '.inc': [
    ['PHP', /^<\?(?:php)?/],
    ['Assembly', null],
  ],
  '.r': [
    ['Rebol', /\bRebol\b/i],
    ['R', null],
  ],
  '.rs': [
    ['XML', /^\s*<\?xml/],
    ['Rust', null],
  ],
  '.sql': [['SQL', null]],
  '.md': [['Markdown', null]],
  '.html': [['HTML', null]],
  '.cs': [['C#', null]],
  '.v': [['Verilog', null]],
  '.d': [
    ['D', /^(module|import)\s+[\w.]+;/m],
    ['Makefile', null],
  ],
  '.fs': [['F#', null]],
  '.lisp': [['Common Lisp', null]],
  '.yml': [['YAML', null]],
  '.json': [['JSON', null]],
  '.as': [['ActionScript', null]],
  '.cls': [
    ['TeX', /^\s*\\/m],
    ['Apex', null],
  ],
  '.gs': [['JavaScript', null]],
  '.bat': [['Batchfile', null]],
};

/** The language of a file by name, interpreter line, extension and, where several claim it, content. */
export function languageOf(path: string, head: string): Language | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const byName = BY_FILENAME.get(name.toLowerCase());
  if (byName) return byName.find((language) => language.name.toLowerCase() === name.toLowerCase()) ?? byName[0]!;
  const parts = name.toLowerCase().split('.');
  for (let i = 1; i < parts.length; i++) {
    const extension = `.${parts.slice(i).join('.')}`;
    const candidates = BY_EXTENSION.get(extension);
    if (candidates) return choose(extension, candidates, head);
  }
  return parts.length === 1 ? byInterpreter(head) : null;
}

function choose(extension: string, candidates: Language[], head: string): Language {
  const rules = AMBIGUOUS[extension] ?? [];
  const rule = rules.find(([, pattern]) => pattern === null || pattern.test(head));
  const chosen = rule && LANGUAGES.find(({ name }) => name === rule[0]);
  // Among the rest the programming language that names the extension first is the usual one.
  return (
    chosen ??
    candidates.find((language) => language.extensions?.[0] === extension && language.type === 'programming') ??
    candidates.find(({ extensions }) => extensions?.[0] === extension) ??
    candidates[0]!
  );
}

function byInterpreter(head: string): Language | null {
  const line = /^#!\s*(\S+)(?:\s+(\S+))?/.exec(head);
  const program = (line?.[1]?.endsWith('/env') ? line[2] : line?.[1])
    ?.split('/')
    .at(-1)
    ?.replace(/[\d.]+$/, '');
  return program ? (BY_INTERPRETER.get(program.toLowerCase())?.[0] ?? null) : null;
}

export interface LanguageCount {
  languages: LanguageShare[];
  excluded: Record<string, number>;
  totalFiles: number;
  totalBytes: number;
}

/** Counts languages by bytes and files as Linguist does. `heads` holds the start of each blob. */
export function countLanguages(tree: TreeEntry[], heads: Map<string, Buffer>): LanguageCount {
  const counts = new Map<string, { bytes: number; files: number }>();
  const excluded: Record<string, number> = {};
  let totalFiles = 0;
  let totalBytes = 0;
  for (const { path, blob, bytes, mode } of tree) {
    if (!mode.startsWith('100')) continue;
    const head = heads.get(blob) ?? Buffer.alloc(0);
    const exclusion = excludedByPath(path) ?? excludedByContent(path, head);
    if (exclusion) {
      excluded[exclusion] = (excluded[exclusion] ?? 0) + 1;
      continue;
    }
    totalFiles++;
    totalBytes += bytes;
    const language = languageOf(path, head.toString('latin1'));
    if (!language || !COUNTED_TYPES.includes(language.type) || bytes === 0) continue;
    const name = language.group ?? language.name;
    const count = counts.get(name) ?? { bytes: 0, files: 0 };
    counts.set(name, { bytes: count.bytes + bytes, files: count.files + 1 });
  }
  return { languages: shares(counts), excluded, totalFiles, totalBytes };
}

function shares(counts: Map<string, { bytes: number; files: number }>): LanguageShare[] {
  const total = [...counts.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  return [...counts]
    .map(([name, { bytes, files }]) => ({ name, bytes, files, share: Math.round((bytes / total) * 1000) / 10 }))
    .sort((a, b) => b.bytes - a.bytes);
}
