import type { Ranked } from './keywords/keyword-search';

/** The k of reciprocal rank fusion (Cormack, Clarke, Buettcher 2009); much steeper than their 60. */
const RANK_OFFSET = 8;
/** A file with several matching chunks ranks higher. Each further chunk counts less by this factor. */
const CHUNK_DECAY = 0.5;
const MAX_CHUNKS_PER_FILE = 4;
/** A name with up to so many definitions counts in full; a more common name counts less. */
const MAX_RARE_DEFINITIONS = 2;
/** Factor for each further hit in the same file, so that other files are shown too. */
const SAME_FILE_DECAY = 0.85;

/** Weight of each ranking, by chunk and by file. */
export interface Weights {
  words: number;
  meaning: number;
  names: number;
  fileWords: number;
  fileMeaning: number;
  path: number;
}

/** Tuned with `npm run bench -- retrieval`. */
export const WEIGHTS: Weights = { words: 1, meaning: 1, names: 1, fileWords: 2, fileMeaning: 1, path: 2 };

/** The rankings to combine. */
export interface Rankings {
  words: Ranked[];
  meaning: Ranked[];
  names: Ranked[];
  /** Files that the question names. */
  paths: { file: number; score: number; path: string }[];
}

interface FoundChunk {
  id: number;
  file: number;
}

/**
 * Combines rankings by reciprocal rank fusion, best first. Each ranking adds to the scores of chunks and of their files;
 * `weightOf` returns a factor for each candidate.
 */
export function fuse<T extends FoundChunk>(
  candidates: Map<number, T>,
  { words, meaning, names, paths }: Rankings,
  weightOf: (candidate: T) => number,
  weights: Weights = WEIGHTS,
): { candidate: T; score: number }[] {
  const fileOf = (id: number) => candidates.get(id)?.file;
  const chunks = new Map<number, number>();
  add(chunks, words, weights.words);
  add(chunks, meaning, weights.meaning);
  add(chunks, names, weights.names, ({ score }) => Math.min(1, score * MAX_RARE_DEFINITIONS));
  const files = new Map<number, number>();
  add(files, byFile(words, fileOf), weights.fileWords);
  add(files, byFile(meaning, fileOf), weights.fileMeaning);
  add(
    files,
    paths.map(({ file, score }) => ({ id: file, score })),
    weights.path,
  );
  const ranked = [...candidates.values()].map((candidate) => ({
    candidate,
    score: ((chunks.get(candidate.id) ?? 0) + (files.get(candidate.file) ?? 0)) * weightOf(candidate),
  }));
  return diversify(ranked.filter(({ score }) => score > 0).sort(byScore)).sort(byScore);
}

function add(
  scores: Map<number, number>,
  ranked: Ranked[],
  weight: number,
  factor: (one: Ranked) => number = () => 1,
): void {
  if (weight === 0) return;
  ranked.forEach((one, rank) => {
    scores.set(one.id, (scores.get(one.id) ?? 0) + (weight * factor(one)) / (RANK_OFFSET + rank + 1));
  });
}

/** Ranks files by the scores of their best chunks. */
function byFile(ranked: Ranked[], fileOf: (id: number) => number | undefined): Ranked[] {
  const scores = new Map<number, number[]>();
  for (const { id, score } of ranked) {
    const file = fileOf(id);
    if (file !== undefined) scores.set(file, [...(scores.get(file) ?? []), score]);
  }
  return [...scores]
    .map(([id, found]) => ({
      id,
      score: found
        .sort((a, b) => b - a)
        .slice(0, MAX_CHUNKS_PER_FILE)
        .reduce((sum, score, i) => sum + score * CHUNK_DECAY ** i, 0),
    }))
    .sort((a, b) => b.score - a.score || a.id - b.id);
}

interface Scored {
  candidate: FoundChunk;
  score: number;
}

/** Lowers the scores of further hits in the same file. */
function diversify<T extends Scored>(ranked: T[]): T[] {
  const counts = new Map<number, number>();
  return ranked.map((one) => {
    const before = counts.get(one.candidate.file) ?? 0;
    counts.set(one.candidate.file, before + 1);
    return { ...one, score: one.score * SAME_FILE_DECAY ** before };
  });
}

function byScore(a: Scored, b: Scored): number {
  return b.score - a.score || a.candidate.id - b.candidate.id;
}
