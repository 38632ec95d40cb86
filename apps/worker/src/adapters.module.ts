import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Clock, EventBus, Forge, ForgeRouter, GitMirrors, Ids, LanguageModels, Sandbox } from '@teko/domain';
import { GithubConnection, GithubForge, GithubModule } from '@teko/github';
import { LocalForge, LocalGitMirrors } from '@teko/local';
import { MemoryModule, type ChromaEndpoint } from '@teko/memory';
import { createLanguageModels, redactedModels } from '@teko/models';
import {
  allowedSources,
  redactor,
  runRateLimit,
  secretsOf,
  systemClock,
  TEKO_SETTINGS,
  TekoSettings,
  uuids,
} from '@teko/platform';
import { createEventBus, RunQueueModule } from '@teko/queue';
import { createSandbox } from '@teko/sandbox';

/**
 * Binds ports to adapters in processes that execute runs. `demoTranscript` is the recording for the replay model, `chroma`
 * the embedded server of this process, if any.
 */
@Global()
@Module({})
export class AdaptersModule {
  static forRoot(
    settings: TekoSettings,
    demoTranscript: string | null,
    chroma: ChromaEndpoint | null = null,
  ): DynamicModule {
    const home = settings.TEKO_HOME;
    const redis = settings.REDIS_URL;
    const providers = [
      { provide: TekoSettings, useValue: settings },
      { provide: Clock, useValue: systemClock },
      { provide: Ids, useValue: uuids },
      {
        provide: GitMirrors,
        inject: [GithubConnection],
        useFactory: (github: GithubConnection) => new LocalGitMirrors(home, github, allowedSources(settings)),
      },
      {
        provide: Forge,
        inject: [GithubConnection, GitMirrors],
        useFactory: (github: GithubConnection, mirrors: GitMirrors) =>
          new ForgeRouter({ local: new LocalForge(home), github: new GithubForge(github, mirrors) }),
      },
      {
        provide: Sandbox,
        useFactory: () => createSandbox({ kind: settings.TEKO_SANDBOX, image: settings.TEKO_SANDBOX_IMAGE }),
      },
      { provide: EventBus, useFactory: () => createEventBus(redis) },
      { provide: LanguageModels, useFactory: () => languageModels(settings, demoTranscript) },
    ];
    const imports = [
      GithubModule.forRoot(settings),
      MemoryModule.forRoot(settings, chroma),
      RunQueueModule.forRoot({ redisUrl: redis, rate: runRateLimit(settings) }),
    ];
    return { module: AdaptersModule, imports, providers, exports: providers.map(({ provide }) => provide) };
  }
}

/** Creates the models, which get and return no secrets. `demoTranscript` is the recording for the replay model. */
export function languageModels(settings: TekoSettings, demoTranscript: string | null): LanguageModels {
  const models = createLanguageModels(modelSettings(settings, demoTranscript));
  return redactedModels(models, redactor(secretsOf(TEKO_SETTINGS, settings)).secrets);
}

function modelSettings(settings: TekoSettings, replayFile: string | null) {
  return {
    model: settings.TEKO_MODEL,
    modelByAgent: { implementation: settings.TEKO_MODEL_IMPLEMENTATION, review: settings.TEKO_MODEL_REVIEW },
    fallback: settings.TEKO_FALLBACK_MODEL,
    fallbackByAgent: {
      implementation: settings.TEKO_FALLBACK_MODEL_IMPLEMENTATION,
      review: settings.TEKO_FALLBACK_MODEL_REVIEW,
    },
    openaiApiKey: settings.OPENAI_API_KEY,
    openaiBaseUrl: settings.OPENAI_BASE_URL,
    anthropicApiKey: settings.ANTHROPIC_API_KEY,
    anthropicBaseUrl: settings.ANTHROPIC_BASE_URL,
    ollamaBaseUrl: settings.OLLAMA_BASE_URL,
    prices: settings.TEKO_PRICES,
    replayFile: replayFile ?? undefined,
  };
}
