/** Computes embedding vectors. */
export interface Embedder {
  /** Model and version. Vectors with different ids are never compared. */
  readonly id: string;
  /** Returns a unit vector per text, or a zero vector for a text without content. Throws UnavailableError if the model is unreachable. */
  embed(texts: string[], use: 'passage' | 'query', signal?: AbortSignal): Promise<number[][]>;
}
