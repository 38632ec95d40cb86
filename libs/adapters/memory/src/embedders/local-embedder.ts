import { setImmediate } from 'node:timers/promises';
import type { Embedder } from '@teko/domain';
import { STOP_WORDS, stem, wordsOf } from '../syntax/words';
import { wordVectors, type WordVectors } from './word-vectors';

/** Dimensions for the hashes of exact words. More of them cause fewer collisions but take more space per chunk. */
const HASH_DIMENSIONS = 256;
/** Share of the meaning in the similarity; the rest is exact words. Tuned with `npm run bench -- retrieval`. */
const MEANING_SHARE = 0.7;
const BATCH = 64;
const STOP_STEMS = new Set([...STOP_WORDS].map(stem));

/**
 * The default embedder: needs no download and no service, and returns the same vectors everywhere. One part of a vector is
 * the meaning of the words, learned from doc comments of functions; the other part is the words themselves, weighted by rarity.
 */
export class LocalEmbedder implements Embedder {
  readonly id = 'local-2';

  async embed(texts: string[], _use: 'passage' | 'query', signal?: AbortSignal): Promise<number[][]> {
    const known = await wordVectors();
    const vectors: number[][] = [];
    for (const text of texts) {
      // Let other work of this process run.
      if (vectors.length % BATCH === BATCH - 1) await setImmediate();
      signal?.throwIfAborted();
      vectors.push(vectorOf(text, known));
    }
    return vectors;
  }
}

function vectorOf(text: string, known: WordVectors): number[] {
  const counts = new Map<string, number>();
  for (const word of wordsOf(text)) if (!STOP_STEMS.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const meaning = new Float64Array(known.length);
  const exact = new Float64Array(HASH_DIMENSIONS);
  for (const [word, count] of counts) {
    const weight = 1 + Math.log(count);
    known.addTo(meaning, word, weight);
    const hash = hashOf(word);
    exact[hash % HASH_DIMENSIONS]! += (hash & 0x40000000 ? 1 : -1) * known.weightOf(word) * weight;
  }
  return scaled(
    [...scaled([...meaning], Math.sqrt(MEANING_SHARE)), ...scaled([...exact], Math.sqrt(1 - MEANING_SHARE))],
    1,
  );
}

/** Scales a vector to another length; a zero vector stays zero. */
function scaled(vector: number[], target: number): number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => (value * target) / length);
}

/** FNV-1a with a final mix of the bits. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
