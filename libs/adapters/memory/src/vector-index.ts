import { createHash } from 'node:crypto';
import { UnavailableError, type Embedder } from '@teko/domain';
import type { CodeFiles } from './words/code-files';
import type { IndexFile } from './words/index-file';
import { VectorsLostError, type VectorStore } from './vectors/vector-store';

const BATCH = 256;

/** What the names of a repository's collections begin with. */
export function prefixOf(repositoryId: string): string {
  return `teko_${repositoryId}_`;
}

interface Content {
  content: string;
  chunks: number;
}

/**
 * The vectors of one repository: one collection for each embedder, its ids made of content and place in it, so that a file
 * that moves keeps its vectors. What the collection holds is checked against what should be there.
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

  /** The embedder whose vectors are searched; null before the first are complete. */
  get active(): string | null {
    return this.index.meta('embedder');
  }

  /** Gives every content of the searchable commit its vectors; then searches go over to this embedder, and what others left goes. */
  async bring(
    embedder: Embedder,
    signal: AbortSignal,
    onProgress: (done: number, total: number) => Promise<void>,
  ): Promise<void> {
    try {
      await this.fill(embedder, signal, onProgress);
    } catch (error) {
      if (!(error instanceof VectorsLostError)) throw error;
      // Wiped meanwhile, or made by another program with vectors of another length.
      const collection = this.collection(embedder.id);
      await this.store.drop(collection);
      this.index.run('DELETE FROM vectors WHERE collection = ?', collection);
      this.index.setMeta(`length ${collection}`, null);
      await this.fill(embedder, signal, onProgress);
    }
    await this.swap(embedder.id);
  }

  /** Whether there is anything to be found by this embedder. */
  hasSome(embedder: Embedder): boolean {
    return this.expected(embedder.id) > 0;
  }

  /** Ids of chunks of the searchable commit by content and ordinal, nearest first. Throws VectorsLostError or UnavailableError. */
  async nearest(embedder: Embedder, text: string, limit: number, signal?: AbortSignal) {
    const [vector] = await embedder.embed([text], 'query', signal);
    if (!vector || vector.every((value) => value === 0)) return [];
    return this.store.nearest(this.collection(embedder.id), vector, limit);
  }

  /** Whether the collection holds something else than it should. Throws UnavailableError. */
  async isUnwell(embedder: Embedder): Promise<boolean> {
    if (this.active !== embedder.id || this.missing(embedder.id).length > 0) return true;
    const collection = this.collection(embedder.id);
    if ((await this.store.count(collection)) !== this.expected(embedder.id)) return true;
    return this.probe(collection).then(
      () => false,
      (error: Error) => {
        if (error instanceof VectorsLostError) return true;
        throw error;
      },
    );
  }

  /** Chunks of the searchable commit that have a vector of the active embedder; files with the same content share theirs. */
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
    await this.probe(collection);
    if ((await this.store.count(collection)) !== this.expected(embedder.id)) await this.reconcile(collection);
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
        rows.map(({ id }, i) => ({ id, vector: direction(vectors[i]!) })),
      );
      this.index.write(() => {
        this.index.setMeta(`length ${collection}`, String(vectors[0]!.length));
        // A file that could not be parsed in time has other chunks than its copies: what was written counts.
        for (const { content, texts } of written) this.note(collection, content, texts.length);
      });
      done += batch.length;
      await onProgress(done, missing.length);
    }
  }

  /** Asks with a vector of the length that was written: throws VectorsLostError where that does not fit any more. */
  private async probe(collection: string): Promise<void> {
    const length = Number(this.index.meta(`length ${collection}`) ?? 0);
    if (length === 0) return;
    await this.store.nearest(
      collection,
      Array.from({ length }, (_, i) => (i === 0 ? 1 : 0)),
      1,
    );
  }

  /** Believes the collection: what is not whole in it is made again, what nobody knows goes. */
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
        if (wanted.get(content) === ids.length) this.note(collection, content, ids.length);
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

  /** Searches see the new collection before the old one goes. */
  private async swap(embedderId: string): Promise<void> {
    this.index.setMeta('embedder', embedderId);
    const mine = this.collection(embedderId);
    for (const name of await this.store.collections(this.prefix)) if (name !== mine) await this.store.drop(name);
    this.index.run('DELETE FROM vectors WHERE collection <> ?', mine);
  }

  private note(collection: string, content: string, chunks: number): void {
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

  /** Contents of the searchable commit that have chunks. */
  private contents(where = '', values: string[] = []): Content[] {
    return this.index.all<Content>(
      `SELECT content, MAX(chunks) AS chunks FROM files WHERE live = 1 AND chunks > 0 ${where} GROUP BY content ORDER BY MIN(id)`,
      ...values,
    );
  }

  private expected(embedderId: string): number {
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

/** Contents are whole in a batch, so that one is either there or not. */
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

/** Cosine knows no vector of length 0: what says nothing points somewhere. */
function direction(vector: number[]): number[] {
  if (vector.length === 0) throw new UnavailableError('embeddings', 'the embedder gave an empty vector');
  return vector.some((value) => value !== 0) ? vector : vector.map((_, i) => (i === 0 ? 1 : 0));
}
