import type { Question } from '../question';
import type { IndexFile } from './index-file';

/** Words in more than this share of the chunks are ignored, because they hardly distinguish chunks. */
const COMMON_SHARE = 0.3;
const MAX_WORDS = 48;
const MAX_PATHS = 50;
/** BM25 weights of path, symbol and text. */
const RANK = 'bm25(2.0, 2.5, 1.0)';

/** A ranked chunk or file. Scores are comparable only within one list. */
export interface Ranked {
  id: number;
  score: number;
}

/** Finds chunks of the searchable commit by keywords, names and paths. */
export class KeywordSearch {
  constructor(private readonly index: IndexFile) {}

  /** Ranks chunks by BM25 over path, symbol and text. */
  byKeywords(question: Question, below: string | undefined, limit: number): Ranked[] {
    const words = this.distinctiveWords(question);
    if (words.length === 0) return [];
    const match = words.flatMap(({ word, times }) => new Array<string>(times).fill(`"${word}"`)).join(' OR ');
    // With a folder all matches are read; otherwise the best ones, some of which may belong to files that are not live.
    const candidates = below ? -1 : limit * 3;
    return this.index.all<Ranked>(
      `SELECT w.id, w.score FROM (
         SELECT rowid AS id, -rank AS score FROM words WHERE words MATCH ? AND rank MATCH '${RANK}' ORDER BY rank LIMIT ?
       ) w JOIN chunks c ON c.id = w.id JOIN files f ON f.id = c.file
       WHERE f.live = 1 AND ${IS_BELOW} ORDER BY w.score DESC, w.id LIMIT ?`,
      match,
      candidates,
      ...belowParameters(below),
      limit,
    );
  }

  /** Ranks definitions whose name is in the question. More common names score lower. */
  byName({ names }: Question, below: string | undefined, limit: number): Ranked[] {
    if (names.length === 0) return [];
    return this.index.all<Ranked>(
      `SELECT s.chunk AS id, SUM(1.0 / n.times) AS score FROM symbols s
       JOIN (SELECT name, COUNT(*) AS times FROM symbols WHERE name IN (${placeholders(names)}) GROUP BY name) n ON n.name = s.name
       JOIN chunks c ON c.id = s.chunk JOIN files f ON f.id = c.file
       WHERE f.live = 1 AND ${IS_BELOW} GROUP BY s.chunk ORDER BY score DESC, s.chunk LIMIT ?`,
      ...names,
      ...belowParameters(below),
      limit,
    );
  }

  /** Ranks files whose path ends like one in the question. Longer and rarer matches score higher. */
  byPath({ paths }: Question, below: string | undefined): { file: number; score: number; path: string }[] {
    const found = new Map<number, { file: number; score: number; path: string }>();
    for (const path of paths.slice(0, MAX_PATHS)) {
      const parts = path.split('/').filter((part) => part !== '' && part !== '.');
      const rows = this.index
        .all<{ file: number; path: string }>(
          `SELECT f.id AS file, f.path FROM files f WHERE f.name = ? AND f.live = 1 AND f.skipped IS NULL AND ${IS_BELOW}`,
          parts.at(-1) ?? '',
          ...belowParameters(below),
        )
        .map((row) => ({ ...row, shared: commonSuffix(row.path.toLowerCase().split('/'), parts) }));
      const longest = Math.max(0, ...rows.map(({ shared }) => shared));
      const best = rows.filter(({ shared }) => shared === longest);
      for (const { file, path: where } of best) {
        const score = (found.get(file)?.score ?? 0) + longest / best.length;
        found.set(file, { file, path: where, score });
      }
    }
    return [...found.values()].sort((a, b) => b.score - a.score || a.file - b.file);
  }

  /** The most distinctive words of a question, rarest first, with the number of times to repeat each in the query. */
  private distinctiveWords({ words }: Question): { word: string; times: number }[] {
    if (words.size === 0) return [];
    const total = this.index.get<{ n: number }>('SELECT COUNT(*) AS n FROM chunks')?.n ?? 0;
    const known = this.index.all<{ term: string; doc: number }>(
      `SELECT term, doc FROM vocabulary WHERE term IN (${placeholders([...words.keys()])})`,
      ...words.keys(),
    );
    const weight = ({ term, doc }: { term: string; doc: number }) =>
      Math.log(1 + total / doc) * (1 + Math.log(words.get(term) ?? 1));
    const rare = known.filter(({ doc }) => doc <= Math.max(total * COMMON_SHARE, 5));
    return (rare.length > 0 ? rare : known)
      .sort((a, b) => weight(b) - weight(a))
      .slice(0, MAX_WORDS)
      .map(({ term }) => ({ word: term, times: Math.round(1 + Math.log(words.get(term) ?? 1)) }));
  }
}

/** Number of equal path segments from the end. */
function commonSuffix(one: string[], other: string[]): number {
  let shared = 0;
  while (shared < Math.min(one.length, other.length) && one.at(-1 - shared) === other.at(-1 - shared)) shared++;
  return shared;
}

/** Condition for one file or folder; an empty path matches everything. */
const IS_BELOW = `(? = '' OR f.path = ? OR SUBSTR(f.path, 1, ?) = ?)`;

function belowParameters(path = ''): [string, string, number, string] {
  const folder = path.replace(/^\.?\/+|\/+$/g, '');
  return [folder, folder, folder.length + 1, `${folder}/`];
}

function placeholders(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}
