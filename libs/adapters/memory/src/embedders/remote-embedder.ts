import { UnavailableError, type Embedder } from '@teko/domain';
import { timeLimit, untilAborted } from '@teko/platform';
import { PROVIDERS, type EmbeddingSettings, type EmbeddingsProvider, type ProviderName } from './providers';

/** What is made of the texts before they are sent; vectors of another number are never compared. */
const VERSION = 1;
const BATCH = 64;
/** As many tokens at the very most: what the smallest of the usual models take. */
const MAX_CHARACTERS = 8_000;
const PASSAGES = { timeoutMs: 60_000, maxRetries: 3 };
/** Somebody waits for the answer. */
const QUERY = { timeoutMs: 2_500, maxRetries: 0 };
/** After an outage nobody is kept waiting again for so long. */
const RETRY_INTERVAL_MS = 5_000;
const KEPT_QUERIES = 100;
/** Models that want to know what a text is. */
const WITH_PREFIX: { model: RegExp; passage: string; query: string }[] = [
  { model: /^nomic-embed-text/, passage: 'search_document: ', query: 'search_query: ' },
];

type Use = 'passage' | 'query';

/** Asks a provider for vectors, in batches, and says in one line what is wrong where it does not give them. */
export class RemoteEmbedder implements Embedder {
  readonly id: string;
  private readonly provider: EmbeddingsProvider;
  private readonly queries = new Map<string, Promise<number[]>>();
  private resting: { until: number; fault: Error } | null = null;
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
    if (use === 'passage') return this.passages(texts, signal);
    return untilAborted(Promise.all(texts.map((text) => this.query(text.trim()))), signal);
  }

  private async passages(texts: string[], signal?: AbortSignal): Promise<number[][]> {
    const vectors = new Map<number, number[]>();
    const wanted = texts.map((text, at) => ({ text: text.trim(), at })).filter(({ text }) => text !== '');
    for (let i = 0; i < wanted.length; i += BATCH) {
      const batch = wanted.slice(i, i + BATCH);
      const found = await this.ask(
        batch.map(({ text }) => text),
        'passage',
        signal,
      );
      found.forEach((vector, j) => vectors.set(batch[j]!.at, vector));
    }
    // A text that says nothing is never sent; how long its vector is, another one tells.
    if (wanted.length < texts.length && this.length === null) await this.ask(['text'], 'passage', signal);
    return texts.map((_, at) => vectors.get(at) ?? this.nothing());
  }

  /** Kept, and shared by those who ask the same meanwhile: a question goes to many repositories. */
  private query(text: string): Promise<number[]> {
    if (text === '') return Promise.resolve(this.nothing());
    const kept = this.queries.get(text);
    const answer = kept ?? this.ask([text], 'query').then(([vector]) => vector!);
    this.queries.delete(text);
    this.queries.set(text, answer);
    if (!kept) answer.catch(() => this.queries.delete(text));
    const [oldest] = this.queries.keys();
    if (this.queries.size > KEPT_QUERIES) this.queries.delete(oldest!);
    return answer;
  }

  private nothing(): number[] {
    return new Array<number>(this.length ?? 0).fill(0);
  }

  private async ask(texts: string[], use: Use, signal?: AbortSignal): Promise<number[][]> {
    if (use === 'query' && this.resting && Date.now() < this.resting.until) throw this.resting.fault;
    try {
      const sent = texts.map((text) => this.prefix(use) + text.slice(0, MAX_CHARACTERS));
      const vectors = await this.answered(sent, use === 'query' ? QUERY : PASSAGES, signal);
      this.resting = null;
      this.length = vectors[0]!.length;
      return vectors;
    } catch (error) {
      signal?.throwIfAborted();
      const fault = this.translated(error as Fault);
      this.resting = { until: Date.now() + RETRY_INTERVAL_MS, fault };
      throw fault;
    }
  }

  private async answered(
    texts: string[],
    { timeoutMs, maxRetries }: typeof QUERY,
    signal?: AbortSignal,
  ): Promise<number[][]> {
    const { model, settings } = this;
    const bounded: typeof fetch = (input, init) =>
      fetch(input, { ...init, signal: timeLimit(timeoutMs, init?.signal, signal) });
    const client = await this.provider.client({ model, settings, maxRetries, fetch: bounded });
    // Retries of a client do not know the signal.
    const vectors = await untilAborted(client.embedDocuments(texts), signal);
    const isWhole = vectors.length === texts.length && vectors.every((vector) => vector?.length > 0);
    if (!isWhole)
      throw new UnavailableError('embeddings', `${this.name} gave no vectors`, this.provider.forModel(model));
    return vectors.map(normalised);
  }

  private translated(error: Fault): UnavailableError {
    if (error instanceof UnavailableError) return error;
    const { forKey, forAddress, forModel } = this.provider;
    const fault = (what: string, remedy?: string) => new UnavailableError('embeddings', `${this.name} ${what}`, remedy);
    const status = error.status ?? error.status_code;
    if (status === 401 || status === 403) return fault('does not accept the key', forKey);
    if (status === 404) return fault(`does not know the model ${this.model}`, forModel(this.model));
    if (status === 429) return fault('has had enough questions for now, or the account has no credit');
    if (status === 400 || status === 422) return fault(`refuses what is asked of ${this.model}`, forModel(this.model));
    if (status) return fault(`answers with an error (${status})`, forAddress);
    return fault('does not answer', forAddress);
  }

  private prefix(use: Use): string {
    return WITH_PREFIX.find(({ model }) => model.test(this.model))?.[use] ?? '';
  }
}

/** The id of a provider's model. */
function remoteId(name: ProviderName, model: string): string {
  return `${name}:${model}#${VERSION}`;
}

/** The embedder that an id names; null where this version cannot make its vectors. */
export function remoteEmbedder(id: string, settings: EmbeddingSettings): RemoteEmbedder | null {
  const [, name, model] = /^(openai|ollama):(.+)#\d+$/.exec(id) ?? [];
  if (!name || !model) return null;
  const embedder = new RemoteEmbedder(name as ProviderName, model, settings);
  return embedder.id === id ? embedder : null;
}

interface Fault extends Error {
  status?: number;
  status_code?: number;
}

function normalised(vector: number[]): number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}
