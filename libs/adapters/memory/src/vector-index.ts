import { createHash } from 'node:crypto';
import { UnavailableError, type Embedder } from '@teko/domain';
import type { CodeFiles } from './keywords/code-files';
import type { IndexFile } from './keywords/index-file';
import { InvalidCollectionError, type VectorStore } from './vectors/vector-store';

const BATCH = 256;

/** Prefix of the names of a repository's collections. */
export function prefixOf(repositoryId: string): string {
  return `teko_${repositoryId}_`;
}

interface Content {
  content: string;
  chunks: number;
}

/**
 * The vectors of one repository, in one collection per embedder. Ids consist of content and ordinal, so that a moved file
 * keeps its vectors. The `vectors` table of the index records what each collection should contain.
 */
export class VectorIndex {
  private readonly prefix: string;

  constructor(
    private readonly index: IndexFile,
    private readonly files: CodeFiles,
    private readonly store: VectorStore,
    repositoryId: string,
  ) {
    this.prefix = prefixOf(repositoryId);
  }

  /** Id of the embedder whose vectors are searched; null until the first ones are complete. */
  get active(): string | null {
    return this.index.meta('embedder');
  }

  /** Computes the missing vectors of the searchable commit, makes the embedder the active one and deletes the vectors of others. */
  async update(
    embedder: Embedder,
    signal: AbortSignal,
    onProgress: (done: number, total: number) => Promise<void>,
  ): Promise<void> {
    try {
      await this.fill(embedder, signal, onProgress);
    } catch (error) {
      if (!(error instanceof InvalidCollectionError)) throw error;
      // Deleted meanwhile, or filled with vectors of another length.
      const collection = this.collection(embedder.id);
      await this.store.drop(collection);
      this.index.run('DELETE FROM vectors WHERE collection = ?', collection);
      this.index.setMeta(`length ${collection}`, null);
      await this.fill(embedder, signal, onProgress);
    }
    await this.activate(embedder.id);
  }

  /** Whether there are vectors of this embedder. */
  hasVectors(embedder: Embedder): boolean {
    return this.recordedCount(embedder.id) > 0;
  }

  /** Returns chunks by content and ordinal, most similar first. Throws InvalidCollectionError or UnavailableError. */
  async nearest(embedder: Embedder, text: string, limit: number, signal?: AbortSignal) {
    const [vector] = await embedder.embed([text], 'query', signal);
    if (!vector || vector.every((value) => value === 0)) return [];
    return this.store.nearest(this.collection(embedder.id), vector, limit);
  }

  /** Whether the collection differs from what it should contain. Throws UnavailableError. */
  async needsRepair(embedder: Embedder): Promise<boolean> {
    if (this.active !== embedder.id || this.missing(embedder.id).length > 0) return true;
    const collection = this.collection(embedder.id);
    if ((await this.store.count(collection)) !== this.recordedCount(embedder.id)) return true;
    return this.checkLength(collection).then(
      () => false,
      (error: Error) => {
        if (error instanceof InvalidCollectionError) return true;
        throw error;
      },
    );
  }

  /** Number of chunks of the searchable commit with a vector of the active embedder. Files with equal content share vectors. */
  count(): number {
    if (!this.active) return 0;
    const row = this.index.get<{ n: number | null }>(
      'SELECT SUM(f.chunks) AS n FROM files f JOIN vectors v ON v.content = f.content WHERE f.live = 1 AND v.collection = ?',
      this.collection(this.active),
    );
    return row?.n ?? 0;
  }

  private async fill(
    embedder: Embedder,
    signal: AbortSignal,
    onProgress: (done: number, total: number) => Promise<void>,
  ): Promise<void> {
    const collection = this.collection(embedder.id);
    await this.checkLength(collection);
    if ((await this.store.count(collection)) !== this.recordedCount(embedder.id)) await this.reconcile(collection);
    await this.removeUnused(collection);
    const missing = this.missing(embedder.id);
    let done = 0;
    for (const batch of batches(missing)) {
      signal.throwIfAborted();
      const written = batch.map(({ content }) => ({ content, texts: this.files.textsOf(content) }));
      const rows = written.flatMap(({ content, texts }) =>
        texts.map((text, ordinal) => ({ id: `${content}:${ordinal}`, text })),
      );
      const vectors = await embedder.embed(
        rows.map(({ text }) => text),
        'passage',
        signal,
      );
      await this.store.upsert(
        collection,
        rows.map(({ id }, i) => ({ id, vector: nonZero(vectors[i]!) })),
      );
      this.index.write(() => {
        this.index.setMeta(`length ${collection}`, String(vectors[0]!.length));
        // Record what was written: a file whose parsing timed out has other chunks than its copies.
        for (const { content, texts } of written) this.record(collection, content, texts.length);
      });
      done += batch.length;
      await onProgress(done, missing.length);
    }
  }

  /** Searches with a vector of the recorded length. Throws InvalidCollectionError if the length does not match. */
  private async checkLength(collection: string): Promise<void> {
    const length = Number(this.index.meta(`length ${collection}`) ?? 0);
    if (length === 0) return;
    await this.store.nearest(
      collection,
      Array.from({ length }, (_, i) => (i === 0 ? 1 : 0)),
      1,
    );
  }

  /** Updates the index from the collection. Deletes incomplete contents, which are computed again, and unknown ones. */
  private async reconcile(collection: string): Promise<void> {
    const found = new Map<string, string[]>();
    for (const id of await this.store.ids(collection)) {
      const content = id.slice(0, id.lastIndexOf(':'));
      found.set(content, [...(found.get(content) ?? []), id]);
    }
    const wanted = new Map(this.contents().map(({ content, chunks }) => [content, chunks]));
    const unknown = [...found].filter(([content, ids]) => wanted.get(content) !== ids.length);
    await this.store.remove(
      collection,
      unknown.flatMap(([, ids]) => ids),
    );
    this.index.write(() => {
      this.index.run('DELETE FROM vectors WHERE collection = ?', collection);
      for (const [content, ids] of found)
        if (wanted.get(content) === ids.length) this.record(collection, content, ids.length);
    });
  }

  private async removeUnused(collection: string): Promise<void> {
    const unused = this.index.all<Content>(
      `SELECT content, chunks FROM vectors WHERE collection = ? AND content NOT IN (SELECT content FROM files WHERE live = 1 AND content IS NOT NULL)`,
      collection,
    );
    if (unused.length === 0) return;
    await this.store.remove(
      collection,
      unused.flatMap(({ content, chunks }) => Array.from({ length: chunks }, (_, i) => `${content}:${i}`)),
    );
    this.index.write(() =>
      unused.forEach(({ content }) =>
        this.index.run('DELETE FROM vectors WHERE collection = ? AND content = ?', collection, content),
      ),
    );
  }

  /** Makes the new collection the active one before deleting the others. */
  private async activate(embedderId: string): Promise<void> {
    this.index.setMeta('embedder', embedderId);
    const own = this.collection(embedderId);
    for (const name of await this.store.collections(this.prefix)) if (name !== own) await this.store.drop(name);
    this.index.run('DELETE FROM vectors WHERE collection <> ?', own);
  }

  private record(collection: string, content: string, chunks: number): void {
    this.index.run(
      'INSERT INTO vectors VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET chunks = excluded.chunks',
      collection,
      content,
      chunks,
    );
  }

  private missing(embedderId: string): Content[] {
    return this.contents('AND content NOT IN (SELECT content FROM vectors WHERE collection = ?)', [
      this.collection(embedderId),
    ]);
  }

  /** Contents of the searchable commit with chunks. */
  private contents(where = '', values: string[] = []): Content[] {
    return this.index.all<Content>(
      `SELECT content, MAX(chunks) AS chunks FROM files WHERE live = 1 AND chunks > 0 ${where} GROUP BY content ORDER BY MIN(id)`,
      ...values,
    );
  }

  private recordedCount(embedderId: string): number {
    const row = this.index.get<{ n: number | null }>(
      'SELECT SUM(chunks) AS n FROM vectors WHERE collection = ?',
      this.collection(embedderId),
    );
    return row?.n ?? 0;
  }

  private collection(embedderId: string): string {
    return this.prefix + createHash('sha256').update(embedderId).digest('hex').slice(0, 12);
  }
}

/** Splits contents into batches without dividing one, so that each is stored completely or not at all. */
function batches(contents: Content[]): Content[][] {
  const found: Content[][] = [];
  let size = BATCH;
  for (const content of contents) {
    if (size + content.chunks > BATCH) {
      found.push([]);
      size = 0;
    }
    found.at(-1)!.push(content);
    size += content.chunks;
  }
  return found;
}

/** Replaces a zero vector by a unit vector, because cosine distance is undefined for it. */
function nonZero(vector: number[]): number[] {
  if (vector.length === 0) throw new UnavailableError('embeddings', 'the embedder returned an empty vector');
  return vector.some((value) => value !== 0) ? vector : vector.map((_, i) => (i === 0 ? 1 : 0));
}
