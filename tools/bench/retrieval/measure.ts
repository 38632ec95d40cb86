import type { LineRange } from '../../../libs/adapters/memory/src/repository-search';
import type { Question } from './questions';

/** Result of one question: the rank of the first correct answer (0 if none), and recall at each of `CUTS`. */
export interface Score {
  first: number;
  recalls: [number, number, number];
}

/** Numbers of hits at which recall is measured. */
export const CUTS = [1, 5, 10] as const;

/** Scores by file. Each file counts once, at the rank of its best hit. */
export function scoreOfFiles(paths: string[], asked: Question): Score {
  const order = [...new Set(paths)];
  const ranks = asked.paths.map((path) => order.indexOf(path) + 1);
  return scoreOf(ranks);
}

/** Scores by chunk. A chunk is correct if it overlaps the lines of the function. */
export function scoreOfChunks(hits: LineRange[], asked: Question): Score {
  const [from, to] = asked.lines!;
  const rank = hits.findIndex(
    ({ path, startLine, endLine }) => path === asked.paths[0] && startLine <= to && endLine >= from,
  );
  return scoreOf([rank + 1]);
}

/** A question counts as answered when the first of its files is found. */
function scoreOf(ranks: number[]): Score {
  const found = ranks.filter((rank) => rank > 0);
  const first = found.length > 0 ? Math.min(...found) : 0;
  const recalls = CUTS.map((cut) => (first > 0 && first <= cut ? 1 : 0)) as [number, number, number];
  return { first, recalls };
}

export interface Means {
  recalls: [number, number, number];
  mrr: number;
}

export function meansOf(scores: Score[]): Means {
  const mean = (value: (score: Score) => number) =>
    scores.reduce((sum, score) => sum + value(score), 0) / Math.max(1, scores.length);
  return {
    recalls: CUTS.map((_, i) => mean(({ recalls }) => recalls[i]!)) as [number, number, number],
    mrr: mean(({ first }) => (first > 0 ? 1 / first : 0)),
  };
}
