import { UnavailableError } from '@teko/domain';

/** Settings of the embedding providers. */
export interface EmbeddingSettings {
  openaiApiKey?: string;
  openaiBaseUrl?: string;
  ollamaBaseUrl?: string;
}

/** The part of LangChain's embedding clients that Teko uses. */
export interface EmbeddingsClient {
  embedDocuments(texts: string[]): Promise<number[][]>;
}
export interface ClientOptions {
  model: string;
  fetch: typeof fetch;
  maxRetries: number;
  settings: EmbeddingSettings;
}

/** How to create the client of an embedding provider, and the remedies for its errors. */
export interface EmbeddingsProvider {
  client(options: ClientOptions): Promise<EmbeddingsClient>;
  keyRemedy: string;
  addressRemedy: string;
  modelRemedy(model: string): string;
}

const DEFAULT_OLLAMA_URL = 'http://127.0.0.1:11434';

export const PROVIDERS = {
  openai: {
    async client({ model, fetch, maxRetries, settings: { openaiApiKey, openaiBaseUrl } }) {
      if (!openaiApiKey && !openaiBaseUrl)
        throw new UnavailableError('embeddings', 'OPENAI_API_KEY is not set', PROVIDERS.openai.keyRemedy);
      const { OpenAIEmbeddings } = await import('@langchain/openai');
      return new OpenAIEmbeddings({
        model,
        maxRetries,
        // A self-hosted server may need no key.
        apiKey: openaiApiKey ?? 'none',
        configuration: { baseURL: openaiBaseUrl, fetch },
        // Not every compatible server supports base64.
        encodingFormat: 'float',
        stripNewLines: false,
      });
    },
    keyRemedy: 'Set OPENAI_API_KEY, or set TEKO_EMBEDDINGS to local',
    addressRemedy: 'Check that OPENAI_BASE_URL is correct and its server is running',
    modelRemedy: () => 'Set TEKO_EMBEDDINGS to an embedding model, such as openai:text-embedding-3-small',
  },
  ollama: {
    async client({ model, fetch, maxRetries, settings: { ollamaBaseUrl } }) {
      const { OllamaEmbeddings } = await import('@langchain/ollama');
      return new OllamaEmbeddings({
        model,
        maxRetries,
        fetch,
        baseUrl: ollamaBaseUrl ?? DEFAULT_OLLAMA_URL,
        truncate: true,
      });
    },
    keyRemedy: 'Check that OLLAMA_BASE_URL accepts requests without a key',
    addressRemedy: 'Check that Ollama is running at OLLAMA_BASE_URL',
    modelRemedy: (model: string) => `Run: ollama pull ${model}`,
  },
} satisfies Record<string, EmbeddingsProvider>;

export type ProviderName = keyof typeof PROVIDERS;
