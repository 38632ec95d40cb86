/** A request to OpenAI's embeddings API. */
export interface EmbeddingsRequest {
  model: string;
  input: string | string[];
  encoding_format?: 'float' | 'base64';
}
/** Returns the error or hang with which the server responds, or null to respond with vectors. */
export type EmbeddingsScript = (request: EmbeddingsRequest & { input: string[] }) => { status: number } | 'hang' | null;

const DIMENSIONS = 64;

/** Returns the response to a request. Equal words result in equal vectors, and texts that share words are similar. */
export function embeddingsBody({ model, input, encoding_format }: EmbeddingsRequest & { input: string[] }): object {
  const data = input.map((text, index) => {
    const vector = vectorOf(text);
    const embedding = encoding_format === 'base64' ? base64(vector) : vector;
    return { object: 'embedding', index, embedding };
  });
  const tokens = input.reduce((sum, text) => sum + wordsOf(text).length, 0);
  return { object: 'list', model, data, usage: { prompt_tokens: tokens, total_tokens: tokens } };
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function vectorOf(text: string): number[] {
  const vector = new Array<number>(DIMENSIONS).fill(0);
  for (const word of wordsOf(text)) {
    let hash = 7;
    for (const letter of word) hash = (hash * 31 + letter.charCodeAt(0)) >>> 0;
    vector[hash % DIMENSIONS]! += 1;
  }
  return vector;
}

function base64(vector: number[]): string {
  return Buffer.from(new Float32Array(vector).buffer).toString('base64');
}
