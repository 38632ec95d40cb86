import { UnavailableError } from '@teko/domain';
import { timeLimit, untilAborted } from '@teko/platform';
import type { ChromaClient, Collection } from 'chromadb';
import { VectorsLostError, type VectorStore } from './vector-store';

/** A search goes on by words when this is over. */
const REQUEST_TIMEOUT_MS = 2_000;
const WRITE_TIMEOUT_MS = 30_000;
/** After a silence nobody is kept waiting again for so long: a question may go to many repositories. */
const RETRY_INTERVAL_MS = 3_000;
const MAX_ROWS = 1_000;

/** Where Chroma answers. */
export interface ChromaPlace {
  /** Throws UnavailableError where there is none yet. */
  readonly url: string;
  /** What to do where it does not answer. */
  readonly remedy: string;
}

/** Keeps vectors in Chroma, whose address may change. Answers or fails in bounded time. */
export class ChromaVectors implements VectorStore {
  /** Ids of collections by name: asking for one costs a request. */
  private readonly known = new Map<string, string>();
  private restsUntil = 0;

  constructor(private readonly place: ChromaPlace) {}

  upsert(name: string, rows: { id: string; vector: number[] }[]): Promise<void> {
    return this.within(WRITE_TIMEOUT_MS, async (client) => {
      const most = await mostRows(client);
      if (rows.length > 0) await this.make(client, name);
      for (let i = 0; i < rows.length; i += most) {
        const part = rows.slice(i, i + most);
        const set = { ids: part.map(({ id }) => id), embeddings: part.map(({ vector }) => vector) };
        await this.required(client, name, (collection) => collection.upsert(set));
      }
    });
  }

  nearest(name: string, vector: number[], limit: number): Promise<{ id: string; similarity: number }[]> {
    return this.within(REQUEST_TIMEOUT_MS, async (client) => {
      const question = { queryEmbeddings: [vector], nResults: limit, include: ['distances' as const] };
      const { ids, distances } = await this.required(client, name, (collection) => collection.query(question));
      return (ids[0] ?? []).map((id, i) => ({ id, similarity: 1 - (distances[0]?.[i] ?? 1) }));
    });
  }

  count(name: string): Promise<number> {
    return this.within(
      WRITE_TIMEOUT_MS,
      async (client) => (await this.on(client, name, (found) => found.count())) ?? 0,
    );
  }

  ids(name: string): Promise<string[]> {
    return this.within(WRITE_TIMEOUT_MS, async (client) => {
      const limit = await mostRows(client);
      const found: string[] = [];
      for (;;) {
        const page = { limit, offset: found.length, include: [] };
        const { ids } = (await this.on(client, name, (collection) => collection.get(page))) ?? { ids: [] };
        found.push(...ids);
        if (ids.length < limit) return found;
      }
    });
  }

  remove(name: string, ids: string[]): Promise<void> {
    return this.within(WRITE_TIMEOUT_MS, async (client) => {
      const most = await mostRows(client);
      for (let i = 0; i < ids.length; i += most)
        await this.on(client, name, (collection) => collection.delete({ ids: ids.slice(i, i + most) }));
    });
  }

  drop(name: string): Promise<void> {
    return this.within(WRITE_TIMEOUT_MS, async (client) => {
      this.known.delete(name);
      await unlessMissing(client.deleteCollection({ name }));
    });
  }

  collections(prefix: string): Promise<string[]> {
    return this.within(WRITE_TIMEOUT_MS, async (client) => {
      const names: string[] = [];
      for (;;) {
        const page = await client.listCollections({ limit: MAX_ROWS, offset: names.length });
        names.push(...page.map(({ name }) => name));
        if (page.length < MAX_ROWS) return names.filter((name) => name.startsWith(prefix)).sort();
      }
    });
  }

  check(): Promise<void> {
    return this.within(REQUEST_TIMEOUT_MS, async (client) => void (await client.heartbeat()));
  }

  close(): Promise<void> {
    this.known.clear();
    return Promise.resolve();
  }

  private async make(client: ChromaClient, name: string): Promise<void> {
    if (this.known.has(name)) return;
    const configuration = { hnsw: { space: 'cosine' as const } };
    const { id } = await client.getOrCreateCollection({ name, embeddingFunction: null, configuration });
    this.known.set(name, id);
  }

  private async required<T>(client: ChromaClient, name: string, work: (found: Collection) => Promise<T>): Promise<T> {
    const result = await this.on(client, name, async (collection) => ({ value: await work(collection) }));
    if (!result) throw new VectorsLostError('the vectors are not in Chroma any more, and are made again');
    return result.value;
  }

  /** Null where the collection is not there. */
  private async on<T>(client: ChromaClient, name: string, work: (found: Collection) => Promise<T>): Promise<T | null> {
    const known = this.known.get(name);
    if (known) {
      const result = await unlessMissing(work(client.collection(known)));
      if (result !== null) return result;
      this.known.delete(name);
    }
    // Somebody else may have made it anew.
    const found = await unlessMissing(client.getCollection({ name }));
    if (!found) return null;
    this.known.set(name, found.id);
    return unlessMissing(work(client.collection(found.id)));
  }

  private async within<T>(ms: number, work: (client: ChromaClient) => Promise<T>): Promise<T> {
    const { url } = this.place;
    if (Date.now() < this.restsUntil) throw this.silent();
    const { ChromaClient } = await import('chromadb');
    const signal = timeLimit(ms);
    const { hostname: host, port, protocol } = new URL(url);
    const ssl = protocol === 'https:';
    const client = new ChromaClient({ host, port: Number(port) || (ssl ? 443 : 80), ssl, fetchOptions: { signal } });
    try {
      return await untilAborted(work(client), signal);
    } catch (error) {
      if (signal.aborted) this.restsUntil = Date.now() + RETRY_INTERVAL_MS;
      throw signal.aborted ? this.silent() : this.translated(error as Error);
    }
  }

  private silent(): UnavailableError {
    return new UnavailableError('chroma', 'Chroma does not answer in time', this.place.remedy);
  }

  private translated(error: Error): Error {
    if (error instanceof VectorsLostError) return error;
    switch (error.name) {
      case 'ChromaConnectionError':
        return new UnavailableError('chroma', 'Chroma does not answer', this.place.remedy);
      case 'ChromaUnauthorizedError':
      case 'ChromaForbiddenError':
        return new UnavailableError('chroma', 'Chroma lets nobody in without a key', this.place.remedy);
      case 'ChromaClientError':
      case 'InvalidArgumentError':
        if (/dimension/.test(error.message))
          return new VectorsLostError('the vectors in Chroma have another length, and are made again');
    }
    const reason = error.message.replace(/^Bad request to \S+ with status: /, '').slice(0, 300);
    return new UnavailableError('chroma', `Chroma cannot do its part (${reason})`);
  }
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | null> {
  return work.catch((error: Error) => {
    if (error.name === 'ChromaNotFoundError') return null;
    throw error;
  });
}

async function mostRows(client: ChromaClient): Promise<number> {
  return Math.min(await client.getMaxBatchSize(), MAX_ROWS);
}
