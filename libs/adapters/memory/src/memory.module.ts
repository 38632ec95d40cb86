import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { GitMirrors, Memory } from '@teko/domain';
import type { TekoSettings } from '@teko/platform';
import type { ChromaPlace } from './vectors/chroma-vectors';
import { createMemory } from './create-memory';
import type { HybridMemory } from './hybrid-memory';

/** The memory of a process; its files are closed with it. */
@Global()
@Module({})
export class MemoryModule implements OnApplicationShutdown {
  constructor(@Inject(Memory) private readonly memory: HybridMemory) {}

  /** `chroma` is the embedded one, where there is one; else that of the settings. */
  static forRoot(settings: TekoSettings, chroma: ChromaPlace | null = null): DynamicModule {
    const { CHROMA_URL: url } = settings;
    const at = url ? { url, remedy: 'See that it runs and that CHROMA_URL is right' } : chroma;
    const memory = {
      provide: Memory,
      inject: [GitMirrors],
      useFactory: (mirrors: GitMirrors) =>
        createMemory({
          home: settings.TEKO_HOME,
          mirrors,
          chroma: at,
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
