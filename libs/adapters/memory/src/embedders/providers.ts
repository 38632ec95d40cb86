import { UnavailableError } from '@teko/domain';

/** What the providers need to be asked. */
export interface EmbeddingSettings {
  openaiApiKey?: string;
  openaiBaseUrl?: string;
  ollamaBaseUrl?: string;
}

/** LangChain's face of a provider. */
export interface EmbeddingsClient {
  embedDocuments(texts: string[]): Promise<number[][]>;
}
export interface ClientOptions {
  model: string;
  fetch: typeof fetch;
  maxRetries: number;
  settings: EmbeddingSettings;
}

/** How one provider of embeddings is asked, and what to tell whoever must mend something. */
export interface EmbeddingsProvider {
  client(options: ClientOptions): Promise<EmbeddingsClient>;
  /** Remedies. */
  forKey: string;
  forAddress: string;
  forModel(model: string): string;
}

const OLLAMA = 'http://127.0.0.1:11434';

export const PROVIDERS = {
  openai: {
    async client({ model, fetch, maxRetries, settings: { openaiApiKey, openaiBaseUrl } }) {
      if (!openaiApiKey && !openaiBaseUrl)
        throw new UnavailableError('embeddings', 'OPENAI_API_KEY is not set', PROVIDERS.openai.forKey);
      const { OpenAIEmbeddings } = await import('@langchain/openai');
      return new OpenAIEmbeddings({
        model,
        maxRetries,
        // A server of one's own may want no key.
        apiKey: openaiApiKey ?? 'none',
        configuration: { baseURL: openaiBaseUrl, fetch },
        // Servers that are only compatible do not all know base64.
        encodingFormat: 'float',
        stripNewLines: false,
      });
    },
    forKey: 'Set OPENAI_API_KEY, or TEKO_EMBEDDINGS to local',
    forAddress: 'See that OPENAI_BASE_URL is right and its server runs',
    forModel: () => 'Set TEKO_EMBEDDINGS to a model that makes embeddings, such as openai:text-embedding-3-small',
  },
  ollama: {
    async client({ model, fetch, maxRetries, settings: { ollamaBaseUrl } }) {
      const { OllamaEmbeddings } = await import('@langchain/ollama');
      return new OllamaEmbeddings({ model, maxRetries, fetch, baseUrl: ollamaBaseUrl ?? OLLAMA, truncate: true });
    },
    forKey: 'See that OLLAMA_BASE_URL can be asked without a key',
    forAddress: 'See that Ollama runs at OLLAMA_BASE_URL',
    forModel: (model: string) => `Run: ollama pull ${model}`,
  },
} satisfies Record<string, EmbeddingsProvider>;

export type ProviderName = keyof typeof PROVIDERS;
