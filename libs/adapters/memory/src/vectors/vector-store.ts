/** A collection is missing, or its vectors have another length. */
export class InvalidCollectionError extends Error {}

/** Stores vectors by id in collections. The first write creates a collection; a missing one counts as empty. */
export interface VectorStore {
  upsert(collection: string, rows: { id: string; vector: number[] }[]): Promise<void>;
  /** Returns the nearest vectors by cosine similarity. Throws InvalidCollectionError, or UnavailableError if the store does not respond in time. */
  nearest(collection: string, vector: number[], limit: number): Promise<{ id: string; similarity: number }[]>;
  /** Returns 0 if the collection does not exist. */
  count(collection: string): Promise<number>;
  ids(collection: string): Promise<string[]>;
  remove(collection: string, ids: string[]): Promise<void>;
  drop(collection: string): Promise<void>;
  collections(prefix: string): Promise<string[]>;
  /** Throws UnavailableError with a remedy if the store is not reachable. */
  check(): Promise<void>;
  close(): Promise<void>;
}
