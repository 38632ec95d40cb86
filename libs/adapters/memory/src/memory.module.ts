import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { GitMirrors, Memory } from '@teko/domain';
import type { TekoSettings } from '@teko/platform';
import { chromaEndpoint } from './vectors/chroma-endpoint';
import type { ChromaEndpoint } from './vectors/chroma-vectors';
import { createMemory } from './create-memory';
import type { HybridMemory } from './hybrid-memory';

/** Provides the memory, and closes its files when the application shuts down. */
@Global()
@Module({})
export class MemoryModule implements OnApplicationShutdown {
  constructor(@Inject(Memory) private readonly memory: HybridMemory) {}

  /** CHROMA_URL overrides `chroma`, the embedded server. */
  static forRoot(settings: TekoSettings, chroma: ChromaEndpoint | null = null): DynamicModule {
    const endpoint = chromaEndpoint(settings) ?? chroma;
    const memory = {
      provide: Memory,
      inject: [GitMirrors],
      useFactory: (mirrors: GitMirrors) =>
        createMemory({
          home: settings.TEKO_HOME,
          mirrors,
          chroma: endpoint,
          embeddings: settings.TEKO_EMBEDDINGS,
          openaiApiKey: settings.OPENAI_API_KEY,
          openaiBaseUrl: settings.OPENAI_BASE_URL,
          ollamaBaseUrl: settings.OLLAMA_BASE_URL,
        }),
    };
    return { module: MemoryModule, providers: [memory], exports: [Memory] };
  }

  onApplicationShutdown(): void {
    this.memory.close();
  }
}
