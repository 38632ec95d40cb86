import type { Embedder } from '@teko/domain';
import { loadLinguist } from '@teko/analysis';
import { WEIGHTS, type Weights } from '../../../libs/adapters/memory/src/fusion';
import { indexFiles } from '../../../libs/adapters/memory/src/indexer';
import { parseQuestion } from '../../../libs/adapters/memory/src/question';
import { RepositorySearch, type LineRange } from '../../../libs/adapters/memory/src/repository-search';
import { VectorIndex } from '../../../libs/adapters/memory/src/vector-index';
import { InMemoryVectors } from '../../../libs/adapters/memory/src/vectors/in-memory-vectors';
import { STOP_WORDS, wordsOf } from '../../../libs/adapters/memory/src/syntax/words';
import { CodeFiles } from '../../../libs/adapters/memory/src/keywords/code-files';
import { IndexFile } from '../../../libs/adapters/memory/src/keywords/index-file';
import { KeywordSearch } from '../../../libs/adapters/memory/src/keywords/keyword-search';
import { mirrorOf, type CodeBase } from './code-base';

const NEIGHBOURS = 200;
const MAX_HITS = 200;
const NOTHING: Weights = { words: 0, meaning: 0, names: 0, fileWords: 0, fileMeaning: 0, path: 0 };

/** The measured combinations: each part alone, then all together. */
export const PARTS = {
  'keywords (BM25)': { ...NOTHING, words: WEIGHTS.words, fileWords: WEIGHTS.fileWords },
  'vectors alone': { ...NOTHING, meaning: WEIGHTS.meaning, fileMeaning: WEIGHTS.fileMeaning },
  'names and paths': { ...NOTHING, names: WEIGHTS.names, path: WEIGHTS.path },
  hybrid: WEIGHTS,
} satisfies Record<string, Weights>;
/** The baseline: full text over split identifiers and paths, with unprocessed tickets, and files ranked by their best chunk. */
export const PLAIN = 'plain BM25';
export type Way = keyof typeof PARTS | typeof PLAIN;
export const WAYS: Way[] = [PLAIN, ...(Object.keys(PARTS) as (keyof typeof PARTS)[])];

export interface Indexed {
  chunks: number;
  wordsMs: number;
  vectorsMs: number;
  ask(text: string): Promise<{ hits: Record<Way, LineRange[]>; hybridMs: number; plainMs: number }>;
  close(): void;
}

/** Indexes a code base as Teko does, but with exact in-memory vectors instead of Chroma. */
export async function index(files: CodeBase, embedder: Embedder): Promise<Indexed> {
  const file = new IndexFile(':memory:');
  const code = new CodeFiles(file);
  const { signal } = new AbortController();
  const { CODE_RULES } = await loadLinguist();
  const startedAt = performance.now();
  await indexFiles(
    { files: code, mirrors: mirrorOf(files), repositoryId: 'measured', commit: 'measured' },
    { rules: CODE_RULES, signal, onProgress: () => Promise.resolve() },
  );
  const wordsDone = performance.now();
  const vectors = new VectorIndex(file, code, new InMemoryVectors(), 'measured');
  await vectors.update(embedder, signal, () => Promise.resolve());
  const vectorsDone = performance.now();
  const search = new RepositorySearch('measured', file, code);
  return {
    chunks: code.counts().chunks,
    wordsMs: wordsDone - startedAt,
    vectorsMs: vectorsDone - wordsDone,
    ask: (text) => ask(text, search, vectors, embedder, plainSearch(file)),
    close: () => file.close(),
  };
}

async function ask(
  text: string,
  search: RepositorySearch,
  vectors: VectorIndex,
  embedder: Embedder,
  plain: (text: string) => LineRange[],
) {
  const started = performance.now();
  const question = parseQuestion(text);
  const neighbours = await vectors.nearest(embedder, question.text, NEIGHBOURS);
  search.search(question, neighbours, { limit: 20 });
  const hybridMs = performance.now() - started;
  const names = Object.keys(PARTS) as (keyof typeof PARTS)[];
  const results = search.compare(question, neighbours, Object.values(PARTS), MAX_HITS);
  const parts = Object.fromEntries(names.map((name, at) => [name, results[at]!])) as Record<
    keyof typeof PARTS,
    LineRange[]
  >;
  const plainStart = performance.now();
  const hits = { ...parts, [PLAIN]: plain(text) };
  return { hits, hybridMs, plainMs: performance.now() - plainStart };
}

/** Weights all words of a question equally. */
function plainSearch(file: IndexFile): (text: string) => LineRange[] {
  const search = new KeywordSearch(file);
  return (text) => {
    const words = wordsOf(text).filter((word) => !STOP_WORDS.has(word));
    const question = { ...parseQuestion(''), text, words: new Map(words.map((word) => [word, 1])) };
    return search
      .byKeywords(question, undefined, MAX_HITS)
      .map(({ id }) =>
        file.get<LineRange>(
          'SELECT f.path, c.startLine, c.endLine FROM chunks c JOIN files f ON f.id = c.file WHERE c.id = ?',
          id,
        )!,
      );
  };
}
