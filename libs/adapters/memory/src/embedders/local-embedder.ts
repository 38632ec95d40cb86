import { setImmediate } from 'node:timers/promises';
import type { Embedder } from '@teko/domain';
import { STOP_WORDS, stem, wordsOf } from '../syntax/words';
import { wordVectors, type WordVectors } from './word-vectors';

/** Places for exact words; more would hold them better apart, and cost room for each chunk. */
const PLACES = 256;
/** What of the likeness is meaning, the rest is exact words; found on `npm run bench -- retrieval`. */
const MEANING = 0.7;
const BATCH = 64;
const STOPS = new Set([...STOP_WORDS].map(stem));

/**
 * The embedded default: needs no download and no service, and gives the same vectors everywhere. One part of a vector is the
 * meaning of the words, learned from how functions are described; the other keeps the words themselves, as far as they tell.
 */
export class LocalEmbedder implements Embedder {
  readonly id = 'local-2';

  async embed(texts: string[], _use: 'passage' | 'query', signal?: AbortSignal): Promise<number[][]> {
    const known = await wordVectors();
    const vectors: number[][] = [];
    for (const text of texts) {
      // Others work in this process too.
      if (vectors.length % BATCH === BATCH - 1) await setImmediate();
      signal?.throwIfAborted();
      vectors.push(vectorOf(text, known));
    }
    return vectors;
  }
}

function vectorOf(text: string, known: WordVectors): number[] {
  const counts = new Map<string, number>();
  for (const word of wordsOf(text)) if (!STOPS.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const meaning = new Float64Array(known.length);
  const exact = new Float64Array(PLACES);
  for (const [word, count] of counts) {
    const often = 1 + Math.log(count);
    known.addTo(meaning, word, often);
    const hash = hashOf(word);
    exact[hash % PLACES]! += (hash & 0x40000000 ? 1 : -1) * known.weightOf(word) * often;
  }
  return direction(
    [...direction([...meaning], Math.sqrt(MEANING)), ...direction([...exact], Math.sqrt(1 - MEANING))],
    1,
  );
}

/** The same direction with another length; zeros stay. */
function direction(vector: number[], wanted: number): number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => (value * wanted) / length);
}

/** FNV-1a, its bits mixed once more. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
