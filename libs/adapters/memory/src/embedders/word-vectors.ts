/** Meaning of words in code, learned by `tools/embeddings`. */
export interface WordVectors {
  /** Numbers of a vector. */
  length: number;
  /** Adds a word's vector, times a weight, to a sum; a word that is not known adds nothing. */
  addTo(sum: Float64Array, word: string, weight: number): void;
  /** How much a word tells: the rarer in code, the more. */
  weightOf(word: string): number;
}

let loading: Promise<WordVectors> | null = null;

/** Read when first needed: most processes embed nothing. */
export function wordVectors(): Promise<WordVectors> {
  loading ??= import('./word-vectors.txt?raw').then(({ default: text }) => read(text));
  return loading;
}

/** A line that says how much there is, the words by line, then in base64 a scale and a weight for each and the numbers as bytes. */
function read(file: string): WordVectors {
  const [head = '', ...lines] = file.trimEnd().split('\n');
  const { length, words } = JSON.parse(head) as { length: number; words: number };
  const ids = new Map(lines.slice(0, words).map((word, id) => [word, id]));
  // A buffer of its own: numbers of four bytes have to begin where such may.
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
