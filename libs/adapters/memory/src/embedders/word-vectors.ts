/** Vectors for the meaning of words in code, trained by `tools/embeddings`. */
export interface WordVectors {
  /** Dimensions of a vector. */
  length: number;
  /** Adds the weighted vector of a word to `sum`; an unknown word adds nothing. */
  addTo(sum: Float64Array, word: string, weight: number): void;
  /** Weight of a word: higher for words that are rarer in code. */
  weightOf(word: string): number;
}

let loading: Promise<WordVectors> | null = null;

/** Loads the vectors on first use, because most processes embed nothing. */
export function wordVectors(): Promise<WordVectors> {
  loading ??= import('./word-vectors.txt?raw').then(({ default: text }) => parse(text));
  return loading;
}

/** Parses a JSON line with the sizes, one word per line, and a base64 line with scales, weights and vectors as bytes. */
function parse(file: string): WordVectors {
  const [head = '', ...lines] = file.trimEnd().split('\n');
  const { length, words } = JSON.parse(head) as { length: number; words: number };
  const ids = new Map(lines.slice(0, words).map((word, id) => [word, id]));
  // A copy, because four-byte numbers must be aligned.
  const { buffer } = new Uint8Array(Buffer.from(lines[words]!, 'base64'));
  const scales = new Float32Array(buffer, 0, words);
  const weights = new Float32Array(buffer, words * 4, words);
  const numbers = new Int8Array(buffer, words * 8, words * length);
  const unknown = Math.max(...weights);
  return {
    length,
    addTo: (sum, word, weight) => {
      const id = ids.get(word);
      if (id === undefined) return;
      const scaled = weight * scales[id]!;
      for (let i = 0; i < length; i++) sum[i]! += scaled * numbers[id * length + i]!;
    },
    weightOf: (word) => {
      const id = ids.get(word);
      return id === undefined ? unknown : weights[id]!;
    },
  };
}
