import { UnavailableError, type Embedder } from '@teko/domain';
import { timeLimit, untilAborted } from '@teko/platform';
import { PROVIDERS, type EmbeddingSettings, type EmbeddingsProvider, type ProviderName } from './providers';

/** Version of how texts are prepared. Vectors of different versions are never compared. */
const VERSION = 1;
const BATCH = 64;
/** At one token per character, the context of the smallest common models. */
const MAX_CHARACTERS = 8_000;
const PASSAGE_LIMITS = { timeoutMs: 60_000, maxRetries: 3 };
/** Short, because a user waits for the search. */
const QUERY_LIMITS = { timeoutMs: 2_500, maxRetries: 0 };
/** How long queries fail at once after an outage. */
const RETRY_INTERVAL_MS = 5_000;
const MAX_CACHED_QUERIES = 100;
/** Prefixes for models that need the purpose of a text. */
const PREFIXES: { model: RegExp; passage: string; query: string }[] = [
  { model: /^nomic-embed-text/, passage: 'search_document: ', query: 'search_query: ' },
];

type Use = 'passage' | 'query';

/** Requests vectors from a provider in batches. Translates its errors to one line with a remedy. */
export class RemoteEmbedder implements Embedder {
  readonly id: string;
  private readonly provider: EmbeddingsProvider;
  private readonly queries = new Map<string, Promise<number[]>>();
  private outage: { retryAt: number; error: Error } | null = null;
  private length: number | null = null;

  constructor(
    private readonly name: ProviderName,
    private readonly model: string,
    private readonly settings: EmbeddingSettings,
  ) {
    this.id = remoteId(name, model);
    this.provider = PROVIDERS[name];
  }

  embed(texts: string[], use: Use, signal?: AbortSignal): Promise<number[][]> {
    if (use === 'passage') return this.embedPassages(texts, signal);
    return untilAborted(Promise.all(texts.map((text) => this.embedQuery(text.trim()))), signal);
  }

  private async embedPassages(texts: string[], signal?: AbortSignal): Promise<number[][]> {
    const vectors = new Map<number, number[]>();
    const nonEmpty = texts.map((text, at) => ({ text: text.trim(), at })).filter(({ text }) => text !== '');
    for (let i = 0; i < nonEmpty.length; i += BATCH) {
      const batch = nonEmpty.slice(i, i + BATCH);
      const batchVectors = await this.request(
        batch.map(({ text }) => text),
        'passage',
        signal,
      );
      batchVectors.forEach((vector, j) => vectors.set(batch[j]!.at, vector));
    }
    // Empty texts are never sent; another text determines the length of their vectors.
    if (nonEmpty.length < texts.length && this.length === null) await this.request(['text'], 'passage', signal);
    return texts.map((_, at) => vectors.get(at) ?? this.zeroVector());
  }

  /** Cached, and shared by concurrent callers, because one query searches many repositories. */
  private embedQuery(text: string): Promise<number[]> {
    if (text === '') return Promise.resolve(this.zeroVector());
    const cached = this.queries.get(text);
    const vector = cached ?? this.request([text], 'query').then(([only]) => only!);
    this.queries.delete(text);
    this.queries.set(text, vector);
    if (!cached) vector.catch(() => this.queries.delete(text));
    const [oldest] = this.queries.keys();
    if (this.queries.size > MAX_CACHED_QUERIES) this.queries.delete(oldest!);
    return vector;
  }

  private zeroVector(): number[] {
    return new Array<number>(this.length ?? 0).fill(0);
  }

  private async request(texts: string[], use: Use, signal?: AbortSignal): Promise<number[][]> {
    if (use === 'query' && this.outage && Date.now() < this.outage.retryAt) throw this.outage.error;
    try {
      const sent = texts.map((text) => this.prefix(use) + text.slice(0, MAX_CHARACTERS));
      const vectors = await this.requestVectors(sent, use === 'query' ? QUERY_LIMITS : PASSAGE_LIMITS, signal);
      this.outage = null;
      this.length = vectors[0]!.length;
      return vectors;
    } catch (error) {
      signal?.throwIfAborted();
      const translated = this.translateError(error as ProviderError);
      this.outage = { retryAt: Date.now() + RETRY_INTERVAL_MS, error: translated };
      throw translated;
    }
  }

  private async requestVectors(
    texts: string[],
    { timeoutMs, maxRetries }: typeof QUERY_LIMITS,
    signal?: AbortSignal,
  ): Promise<number[][]> {
    const { model, settings } = this;
    const bounded: typeof fetch = (input, init) =>
      fetch(input, { ...init, signal: timeLimit(timeoutMs, init?.signal, signal) });
    const client = await this.provider.client({ model, settings, maxRetries, fetch: bounded });
    // The client does not pass the signal to its retries.
    const vectors = await untilAborted(client.embedDocuments(texts), signal);
    const isComplete = vectors.length === texts.length && vectors.every((vector) => vector?.length > 0);
    if (!isComplete)
      throw new UnavailableError('embeddings', `${this.name} returned no vectors`, this.provider.modelRemedy(model));
    return vectors.map(normalized);
  }

  private translateError(error: ProviderError): UnavailableError {
    if (error instanceof UnavailableError) return error;
    const { keyRemedy, addressRemedy, modelRemedy } = this.provider;
    const unavailable = (reason: string, remedy?: string) =>
      new UnavailableError('embeddings', `${this.name} ${reason}`, remedy);
    const status = error.status ?? error.status_code;
    if (status === 401 || status === 403) return unavailable('rejected the API key', keyRemedy);
    if (status === 404) return unavailable(`does not have the model ${this.model}`, modelRemedy(this.model));
    if (status === 429) return unavailable('is limiting requests, or the account has no credit');
    if (status === 400 || status === 422)
      return unavailable(`rejected the request for ${this.model}`, modelRemedy(this.model));
    if (status) return unavailable(`returned an error (${status})`, addressRemedy);
    return unavailable('is not reachable', addressRemedy);
  }

  private prefix(use: Use): string {
    return PREFIXES.find(({ model }) => model.test(this.model))?.[use] ?? '';
  }
}

/** Id of the embedder for a provider's model. */
function remoteId(name: ProviderName, model: string): string {
  return `${name}:${model}#${VERSION}`;
}

/** Returns the embedder with this id, or null if this version cannot compute its vectors. */
export function remoteEmbedder(id: string, settings: EmbeddingSettings): RemoteEmbedder | null {
  const [, name, model] = /^(openai|ollama):(.+)#\d+$/.exec(id) ?? [];
  if (!name || !model) return null;
  const embedder = new RemoteEmbedder(name as ProviderName, model, settings);
  return embedder.id === id ? embedder : null;
}

interface ProviderError extends Error {
  status?: number;
  status_code?: number;
}

function normalized(vector: number[]): number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}
