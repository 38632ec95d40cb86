/** A collection that should be there is not, or its vectors have another length. */
export class VectorsLostError extends Error {}

/** Keeps vectors by id in collections. A collection is made by its first write; one that is not there is empty. */
export interface VectorStore {
  upsert(collection: string, rows: { id: string; vector: number[] }[]): Promise<void>;
  /** The nearest by cosine, nearest first. Throws VectorsLostError where the collection is not there or has another dimension, UnavailableError('chroma', ...) where the store does not answer in time. */
  nearest(collection: string, vector: number[], limit: number): Promise<{ id: string; similarity: number }[]>;
  /** 0 where there is none. */
  count(collection: string): Promise<number>;
  ids(collection: string): Promise<string[]>;
  remove(collection: string, ids: string[]): Promise<void>;
  drop(collection: string): Promise<void>;
  collections(prefix: string): Promise<string[]>;
  /** Throws UnavailableError with what to do. */
  check(): Promise<void>;
  close(): Promise<void>;
}
