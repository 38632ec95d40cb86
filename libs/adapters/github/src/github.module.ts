import { Global, Module, type DynamicModule } from '@nestjs/common';
import { ForgeConnection, Tracker, WebhookParser } from '@teko/domain';
import type { TekoSettings } from '@teko/platform';
import { GithubConnection } from './connection';
import type { GithubSettings } from './settings';
import { GithubTracker } from './tracker';
import { GithubWebhookParser } from './webhook-parser';

/** Maps Teko's settings to those of the connection. */
export function githubSettings(settings: TekoSettings): GithubSettings {
  return {
    apiUrl: settings.GITHUB_API_URL,
    appId: settings.GITHUB_APP_ID,
    privateKey: settings.GITHUB_APP_PRIVATE_KEY,
    token: settings.GITHUB_TOKEN,
    webhookSecret: settings.GITHUB_WEBHOOK_SECRET,
  };
}

/** Provides the GitHub connection of a process, its tracker and its webhook parser. The forge is not included, as it needs git mirrors. */
@Global()
@Module({})
export class GithubModule {
  static forRoot(settings: TekoSettings): DynamicModule {
    const providers = [
      { provide: GithubConnection, useFactory: () => new GithubConnection(githubSettings(settings)) },
      { provide: ForgeConnection, useExisting: GithubConnection },
      {
        provide: Tracker,
        inject: [GithubConnection],
        useFactory: (connection: GithubConnection) => new GithubTracker(connection),
      },
      { provide: WebhookParser, useFactory: () => new GithubWebhookParser(settings.GITHUB_WEBHOOK_SECRET) },
    ];
    return { module: GithubModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}
