import { InvalidCollectionError, type VectorStore } from './vector-store';

/** Stores vectors in memory and compares all of them, which is exact and fast enough for tests and benchmarks. */
export class InMemoryVectors implements VectorStore {
  private readonly all = new Map<string, Map<string, number[]>>();

  upsert(collection: string, rows: { id: string; vector: number[] }[]): Promise<void> {
    return this.run(() => {
      if (rows.length === 0) return;
      const vectors = this.all.get(collection) ?? new Map<string, number[]>();
      const length = lengthOf(vectors) ?? rows[0]!.vector.length;
      for (const { vector } of rows) requireLength(collection, vector, length);
      for (const { id, vector } of rows) vectors.set(id, vector);
      this.all.set(collection, vectors);
    });
  }

  nearest(collection: string, vector: number[], limit: number): Promise<{ id: string; similarity: number }[]> {
    return this.run(() => {
      const vectors = this.all.get(collection);
      if (!vectors) throw new InvalidCollectionError(`the collection ${collection} does not exist`);
      requireLength(collection, vector, lengthOf(vectors) ?? vector.length);
      return [...vectors]
        .map(([id, other]) => ({ id, similarity: cosine(vector, other) }))
        .sort((a, b) => b.similarity - a.similarity)
        .slice(0, limit);
    });
  }

  count(collection: string): Promise<number> {
    return this.run(() => this.all.get(collection)?.size ?? 0);
  }

  ids(collection: string): Promise<string[]> {
    return this.run(() => [...(this.all.get(collection)?.keys() ?? [])]);
  }

  remove(collection: string, ids: string[]): Promise<void> {
    return this.run(() => ids.forEach((id) => this.all.get(collection)?.delete(id)));
  }

  drop(collection: string): Promise<void> {
    return this.run(() => void this.all.delete(collection));
  }

  collections(prefix: string): Promise<string[]> {
    return this.run(() => [...this.all.keys()].filter((name) => name.startsWith(prefix)).sort());
  }

  check(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async run<T>(work: () => T): Promise<T> {
    return work();
  }
}

function lengthOf(vectors: Map<string, number[]>): number | undefined {
  return vectors.values().next().value?.length;
}

function requireLength(collection: string, vector: number[], length: number): void {
  if (vector.length !== length)
    throw new InvalidCollectionError(
      `the collection ${collection} has vectors with ${length} dimensions, not ${vector.length}`,
    );
}

function cosine(a: number[], b: number[]): number {
  let [dot, lengthA, lengthB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    lengthA += a[i]! ** 2;
    lengthB += b[i]! ** 2;
  }
  return lengthA === 0 || lengthB === 0 ? 0 : dot / Math.sqrt(lengthA * lengthB);
}
