import type { LineRange } from '../../../libs/adapters/memory/src/repository-search';
import type { Asked } from './questions';

/** How well one question was answered: the first right place from 1, 0 where there is none, and whether it is among the first. */
export interface Score {
  first: number;
  recalls: [number, number, number];
}

/** Recall is taken at these many. */
export const CUTS = [1, 5, 10] as const;

/** By file: each counts once, where its best hit stands. */
export function scoreOfFiles(paths: string[], asked: Asked): Score {
  const order = [...new Set(paths)];
  const places = asked.paths.map((path) => order.indexOf(path) + 1);
  return scoreOf(places);
}

/** By chunk: it has to hold lines of the function that was meant. */
export function scoreOfChunks(hits: LineRange[], asked: Asked): Score {
  const [from, to] = asked.lines!;
  const place = hits.findIndex(
    ({ path, startLine, endLine }) => path === asked.paths[0] && startLine <= to && endLine >= from,
  );
  return scoreOf([place + 1]);
}

/** A question counts as answered once one of its places is found, as whoever opens that file sees the rest. */
function scoreOf(places: number[]): Score {
  const found = places.filter((place) => place > 0);
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
