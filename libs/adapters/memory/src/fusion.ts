import type { Ranked } from './words/word-search';

/** How fast the worth of a rank falls: reciprocal rank fusion (Cormack, Clarke, Buettcher 2009), much steeper than their 60. */
const RANK_OFFSET = 8;
/** A file of which several chunks fit is likelier the one; the first counts most. */
const CHUNK_DECAY = 0.5;
const MAX_CHUNKS_PER_FILE = 4;
/** A name that so many have counts in full; one that more have, less. */
const FEW_OF_A_NAME = 2;
/** What each further chunk of the same file is worth of itself: other files are shown too. */
const REPEATED = 0.85;

/** How much each order adds, by chunk and by file. */
export interface Weights {
  words: number;
  meaning: number;
  names: number;
  fileWords: number;
  fileMeaning: number;
  path: number;
}

/** Found with `npm run bench -- retrieval`. */
export const WEIGHTS: Weights = { words: 1, meaning: 1, names: 1, fileWords: 2, fileMeaning: 1, path: 2 };

/** The orders in which chunks and files were found. */
export interface Orders {
  words: Ranked[];
  meaning: Ranked[];
  names: Ranked[];
  /** Files that are named. */
  paths: { file: number; score: number; path: string }[];
}

/** What is known of a chunk that was found. */
interface Found {
  id: number;
  file: number;
}

/**
 * One order of all that was found, best first: each order adds the reciprocal of the rank that it gives, to chunks and to their
 * files. `shareOf` says what of that a kind of file gets.
 */
export function fuse<T extends Found>(
  candidates: Map<number, T>,
  { words, meaning, names, paths }: Orders,
  shareOf: (candidate: T) => number,
  weights: Weights = WEIGHTS,
): { candidate: T; score: number }[] {
  const fileOf = (id: number) => candidates.get(id)?.file;
  const chunks = new Map<number, number>();
  add(chunks, words, weights.words);
  add(chunks, meaning, weights.meaning);
  add(chunks, names, weights.names, ({ score }) => Math.min(1, score * FEW_OF_A_NAME));
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
    score: ((chunks.get(candidate.id) ?? 0) + (files.get(candidate.file) ?? 0)) * shareOf(candidate),
  }));
  return spread(ranked.filter(({ score }) => score > 0).sort(byScore)).sort(byScore);
}

function add(
  scores: Map<number, number>,
  ranked: Ranked[],
  weight: number,
  share: (one: Ranked) => number = () => 1,
): void {
  if (weight === 0) return;
  ranked.forEach((one, rank) => {
    scores.set(one.id, (scores.get(one.id) ?? 0) + (weight * share(one)) / (RANK_OFFSET + rank + 1));
  });
}

/** Files by how well their best chunks fit. */
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
  candidate: Found;
  score: number;
}

function spread<T extends Scored>(ranked: T[]): T[] {
  const counts = new Map<number, number>();
  return ranked.map((one) => {
    const before = counts.get(one.candidate.file) ?? 0;
    counts.set(one.candidate.file, before + 1);
    return { ...one, score: one.score * REPEATED ** before };
  });
}

function byScore(a: Scored, b: Scored): number {
  return b.score - a.score || a.candidate.id - b.candidate.id;
}
