import { UnavailableError } from '@teko/domain';
import { timeLimit, untilAborted } from '@teko/platform';
import type { ChromaClient, Collection } from 'chromadb';
import { InvalidCollectionError, type VectorStore } from './vector-store';

/** After this, search falls back to keywords. */
const REQUEST_TIMEOUT_MS = 2_000;
const WRITE_TIMEOUT_MS = 30_000;
/** How long requests fail at once after a timeout, because one query may search many repositories. */
const RETRY_INTERVAL_MS = 3_000;
const MAX_ROWS = 1_000;

/** Where to reach Chroma. */
export interface ChromaEndpoint {
  /** Throws UnavailableError if the server is not running. */
  readonly url: string;
  /** Headers with the credentials, if any. */
  readonly headers?: Record<string, string>;
  /** What the operator can do if it is not reachable. */
  readonly remedy: string;
}

/** Stores vectors in Chroma, whose URL may change. Every call returns or fails in bounded time. */
export class ChromaVectors implements VectorStore {
  /** Ids of collections by name, to save a request. */
  private readonly known = new Map<string, string>();
  private retryAt = 0;

  constructor(private readonly endpoint: ChromaEndpoint) {}

  upsert(name: string, rows: { id: string; vector: number[] }[]): Promise<void> {
    return this.request(WRITE_TIMEOUT_MS, async (client) => {
      const batchSize = await maxBatchSize(client);
      if (rows.length > 0) await this.create(client, name);
      for (let i = 0; i < rows.length; i += batchSize) {
        const part = rows.slice(i, i + batchSize);
        const set = { ids: part.map(({ id }) => id), embeddings: part.map(({ vector }) => vector) };
        await this.requireCollection(client, name, (collection) => collection.upsert(set));
      }
    });
  }

  nearest(name: string, vector: number[], limit: number): Promise<{ id: string; similarity: number }[]> {
    return this.request(REQUEST_TIMEOUT_MS, async (client) => {
      const nearest = { queryEmbeddings: [vector], nResults: limit, include: ['distances' as const] };
      const { ids, distances } = await this.requireCollection(client, name, (collection) => collection.query(nearest));
      return (ids[0] ?? []).map((id, i) => ({ id, similarity: 1 - (distances[0]?.[i] ?? 1) }));
    });
  }

  count(name: string): Promise<number> {
    return this.request(
      WRITE_TIMEOUT_MS,
      async (client) => (await this.withCollection(client, name, (found) => found.count())) ?? 0,
    );
  }

  ids(name: string): Promise<string[]> {
    return this.request(WRITE_TIMEOUT_MS, async (client) => {
      const limit = await maxBatchSize(client);
      const found: string[] = [];
      for (;;) {
        const page = { limit, offset: found.length, include: [] };
        const { ids } = (await this.withCollection(client, name, (collection) => collection.get(page))) ?? { ids: [] };
        found.push(...ids);
        if (ids.length < limit) return found;
      }
    });
  }

  remove(name: string, ids: string[]): Promise<void> {
    return this.request(WRITE_TIMEOUT_MS, async (client) => {
      const batchSize = await maxBatchSize(client);
      for (let i = 0; i < ids.length; i += batchSize)
        await this.withCollection(client, name, (collection) =>
          collection.delete({ ids: ids.slice(i, i + batchSize) }),
        );
    });
  }

  drop(name: string): Promise<void> {
    return this.request(WRITE_TIMEOUT_MS, async (client) => {
      this.known.delete(name);
      await unlessMissing(client.deleteCollection({ name }));
    });
  }

  collections(prefix: string): Promise<string[]> {
    return this.request(WRITE_TIMEOUT_MS, async (client) => {
      const names: string[] = [];
      for (;;) {
        const page = await client.listCollections({ limit: MAX_ROWS, offset: names.length });
        names.push(...page.map(({ name }) => name));
        if (page.length < MAX_ROWS) return names.filter((name) => name.startsWith(prefix)).sort();
      }
    });
  }

  check(): Promise<void> {
    return this.request(REQUEST_TIMEOUT_MS, async (client) => void (await client.heartbeat()));
  }

  close(): Promise<void> {
    this.known.clear();
    return Promise.resolve();
  }

  private async create(client: ChromaClient, name: string): Promise<void> {
    if (this.known.has(name)) return;
    const configuration = { hnsw: { space: 'cosine' as const } };
    const { id } = await client.getOrCreateCollection({ name, embeddingFunction: null, configuration });
    this.known.set(name, id);
  }

  private async requireCollection<T>(
    client: ChromaClient,
    name: string,
    work: (found: Collection) => Promise<T>,
  ): Promise<T> {
    const result = await this.withCollection(client, name, async (collection) => ({ value: await work(collection) }));
    if (!result) throw new InvalidCollectionError('the vectors in Chroma are missing and will be computed again');
    return result.value;
  }

  /** Returns null if the collection does not exist. */
  private async withCollection<T>(
    client: ChromaClient,
    name: string,
    work: (found: Collection) => Promise<T>,
  ): Promise<T | null> {
    const known = this.known.get(name);
    if (known) {
      const result = await unlessMissing(work(client.collection(known)));
      if (result !== null) return result;
      this.known.delete(name);
    }
    // Another process may have created it again.
    const found = await unlessMissing(client.getCollection({ name }));
    if (!found) return null;
    this.known.set(name, found.id);
    return unlessMissing(work(client.collection(found.id)));
  }

  private async request<T>(ms: number, work: (client: ChromaClient) => Promise<T>): Promise<T> {
    const { url, headers } = this.endpoint;
    if (Date.now() < this.retryAt) throw this.timeoutError();
    const { ChromaClient } = await import('chromadb');
    const signal = timeLimit(ms);
    const { hostname: host, port, protocol } = new URL(url);
    const ssl = protocol === 'https:';
    const address = { host, port: Number(port) || (ssl ? 443 : 80), ssl };
    const client = new ChromaClient({ ...address, headers, fetchOptions: { signal } });
    try {
      return await untilAborted(work(client), signal);
    } catch (error) {
      if (signal.aborted) this.retryAt = Date.now() + RETRY_INTERVAL_MS;
      throw signal.aborted ? this.timeoutError() : this.translateError(error as Error);
    }
  }

  private timeoutError(): UnavailableError {
    return new UnavailableError('chroma', 'Chroma did not respond in time', this.endpoint.remedy);
  }

  private translateError(error: Error): Error {
    if (error instanceof InvalidCollectionError) return error;
    switch (error.name) {
      case 'ChromaConnectionError':
        return new UnavailableError('chroma', 'Chroma is not reachable', this.endpoint.remedy);
      case 'ChromaAuthError':
      case 'ChromaForbiddenError':
        return new UnavailableError('chroma', 'Chroma requires authentication', this.endpoint.remedy);
      case 'ChromaClientError':
      case 'InvalidArgumentError':
        if (/dimension/.test(error.message))
          return new InvalidCollectionError('the vectors in Chroma have another length and will be computed again');
    }
    const reason = error.message.replace(/^Bad request to \S+ with status: /, '').slice(0, 300);
    return new UnavailableError('chroma', `Chroma returned an error (${reason})`);
  }
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | null> {
  return work.catch((error: Error) => {
    if (error.name === 'ChromaNotFoundError') return null;
    throw error;
  });
}

async function maxBatchSize(client: ChromaClient): Promise<number> {
  return Math.min(await client.getMaxBatchSize(), MAX_ROWS);
}
