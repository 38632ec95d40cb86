import { UnavailableError, type Embedder, type GitMirrors } from '@teko/domain';
import { LocalEmbedder } from './embedders/local-embedder';
import type { EmbeddingSettings, ProviderName } from './embedders/providers';
import { remoteEmbedder, RemoteEmbedder } from './embedders/remote-embedder';
import { HybridMemory } from './hybrid-memory';
import { ChromaVectors, type ChromaEndpoint } from './vectors/chroma-vectors';

export interface MemoryOptions extends EmbeddingSettings {
  /** Data folder (TEKO_HOME). */
  home: string;
  mirrors: Pick<GitMirrors, 'tree' | 'blobs'>;
  /** `local`, `off`, `openai:MODEL` or `ollama:MODEL`. */
  embeddings: string;
  /** Null if no Chroma is configured. */
  chroma: ChromaEndpoint | null;
}

const NO_CHROMA: ChromaEndpoint = {
  get url(): string {
    throw new UnavailableError('chroma', 'CHROMA_URL is not set', this.remedy);
  },
  remedy: 'Set it to a Chroma server that API and workers share, or set TEKO_EMBEDDINGS to off',
};
const NO_CHROMA_NOTICE = `Keyword search only: CHROMA_URL is not set. ${NO_CHROMA.remedy}.`;

/** Creates the memory of a process from its settings. The caller closes it. */
export function createMemory({ home, mirrors, embeddings, chroma, ...settings }: MemoryOptions): HybridMemory {
  const configured = configuredEmbedder(embeddings, settings);
  const previous = new Map<string, Embedder | null>();
  return new HybridMemory({
    home,
    mirrors,
    vectors: new ChromaVectors(chroma ?? NO_CHROMA),
    embedder: chroma ? configured : null,
    disabledNotice: configured && !chroma ? NO_CHROMA_NOTICE : null,
    previousEmbedder: (id) => {
      if (!previous.has(id)) previous.set(id, embedderWithId(id, settings));
      return previous.get(id) ?? null;
    },
  });
}

function configuredEmbedder(embeddings: string, settings: EmbeddingSettings): Embedder | null {
  if (embeddings === 'off') return null;
  if (embeddings === 'local') return new LocalEmbedder();
  const colon = embeddings.indexOf(':');
  return new RemoteEmbedder(embeddings.slice(0, colon) as ProviderName, embeddings.slice(colon + 1), settings);
}

function embedderWithId(id: string, settings: EmbeddingSettings): Embedder | null {
  const local = new LocalEmbedder();
  return local.id === id ? local : remoteEmbedder(id, settings);
}
