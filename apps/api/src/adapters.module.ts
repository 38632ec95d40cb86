import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Clock, EventBus, Forge, ForgeRouter, GitMirrors, Ids } from '@teko/domain';
import { GithubConnection, GithubForge, GithubModule } from '@teko/github';
import { LocalForge, LocalGitMirrors } from '@teko/local';
import { MemoryModule } from '@teko/memory';
import {
  allowedSources,
  runRateLimit,
  settingsReport,
  systemClock,
  TEKO_SETTINGS,
  TekoSettings,
  uuids,
} from '@teko/platform';
import { createEventBus, RunQueueModule } from '@teko/queue';
import { SETTINGS_REPORT } from './resources/settings/setting.dto';

/** Binds ports to adapters in the separate API process. Nothing here runs commands of a repository. */
@Global()
@Module({})
export class ApiAdaptersModule {
  static forRoot(settings: TekoSettings): DynamicModule {
    const home = settings.TEKO_HOME;
    const redis = settings.REDIS_URL!;
    const providers = [
      { provide: TekoSettings, useValue: settings },
      { provide: SETTINGS_REPORT, useValue: settingsReport(TEKO_SETTINGS) },
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
      { provide: EventBus, useFactory: () => createEventBus(redis) },
    ];
    const imports = [
      GithubModule.forRoot(settings),
      MemoryModule.forRoot(settings),
      RunQueueModule.forRoot({ redisUrl: redis, rate: runRateLimit(settings) }),
    ];
    return { module: ApiAdaptersModule, imports, providers, exports: providers.map(({ provide }) => provide) };
  }
}
