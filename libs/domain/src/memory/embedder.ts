/** Makes vectors of texts. */
export interface Embedder {
  /** Names model and version: vectors of different ids are never compared. */
  readonly id: string;
  /** One vector of length 1 for each text, all zero for a text that says nothing. Throws UnavailableError where the model does not answer. */
  embed(texts: string[], use: 'passage' | 'query', signal?: AbortSignal): Promise<number[][]>;
}
