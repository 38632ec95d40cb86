import { UnavailableError, type Embedder, type GitMirrors } from '@teko/domain';
import { LocalEmbedder } from './embedders/local-embedder';
import type { EmbeddingSettings, ProviderName } from './embedders/providers';
import { remoteEmbedder, RemoteEmbedder } from './embedders/remote-embedder';
import { HybridMemory } from './hybrid-memory';
import { ChromaVectors, type ChromaPlace } from './vectors/chroma-vectors';

export interface MemoryOptions extends EmbeddingSettings {
  /** Data folder. */
  home: string;
  mirrors: Pick<GitMirrors, 'tree' | 'blobs'>;
  /** `local`, `off`, `openai:MODEL` or `ollama:MODEL`. */
  embeddings: string;
  /** Null where nobody said where it is. */
  chroma: ChromaPlace | null;
}

const NOWHERE: ChromaPlace = {
  get url(): string {
    throw new UnavailableError('chroma', 'CHROMA_URL is not set', this.remedy);
  },
  remedy: 'Set it to a Chroma that API and workers share, or TEKO_EMBEDDINGS to off',
};
const WITHOUT_CHROMA = `Found by words alone: CHROMA_URL is not set. ${NOWHERE.remedy}.`;

/** The memory of a process, as its settings want it. Whoever makes it closes it. */
export function createMemory({ home, mirrors, embeddings, chroma, ...settings }: MemoryOptions): HybridMemory {
  const wanted = embedderOf(embeddings, settings);
  const earlier = new Map<string, Embedder | null>();
  return new HybridMemory({
    home,
    mirrors,
    vectors: new ChromaVectors(chroma ?? NOWHERE),
    embedder: chroma ? wanted : null,
    withoutMeaning: wanted && !chroma ? WITHOUT_CHROMA : null,
    earlier: (id) => {
      if (!earlier.has(id)) earlier.set(id, earlierEmbedder(id, settings));
      return earlier.get(id) ?? null;
    },
  });
}

function embedderOf(embeddings: string, settings: EmbeddingSettings): Embedder | null {
  if (embeddings === 'off') return null;
  if (embeddings === 'local') return new LocalEmbedder();
  const colon = embeddings.indexOf(':');
  return new RemoteEmbedder(embeddings.slice(0, colon) as ProviderName, embeddings.slice(colon + 1), settings);
}

function earlierEmbedder(id: string, settings: EmbeddingSettings): Embedder | null {
  const local = new LocalEmbedder();
  return local.id === id ? local : remoteEmbedder(id, settings);
}
