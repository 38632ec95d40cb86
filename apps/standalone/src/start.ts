import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AGENT_PROFILES, ApiModule, listen, SETTINGS_REPORT, type RunningApi } from '@teko/api';
import { EventBus, RunQueue } from '@teko/domain';
import { ChromaServer } from '@teko/memory/chroma-server';
import { openDatabase, PersistenceModule, type Database } from '@teko/persistence';
import {
  redactor,
  secretsOf,
  settingsReport,
  systemClock,
  TEKO_SETTINGS,
  TekoLogger,
  uuids,
  type TekoSettings,
} from '@teko/platform';
import { AdaptersModule, requireRedis, WorkerModule } from '@teko/worker';
import { agentProfiles } from './agent-profiles';
import { ReportModule } from './report.module';
import { loadDemo } from './demo';

@Module({})
class StandaloneModule {
  static forRoot(
    settings: TekoSettings,
    database: Database,
    demoFolder: string,
    chroma: ChromaServer | null,
  ): DynamicModule {
    return {
      module: StandaloneModule,
      imports: [
        PersistenceModule.forRoot(database),
        AdaptersModule.forRoot(settings, join(demoFolder, 'transcript.json'), chroma),
        ReportModule.forRoot([
          { provide: SETTINGS_REPORT, useValue: settingsReport(TEKO_SETTINGS) },
          { provide: AGENT_PROFILES, useValue: agentProfiles(settings) },
        ]),
        ApiModule,
        WorkerModule,
      ],
    };
  }
}

/** Starts API, worker and panel in this process: migrates the database, loads the demo on first start, and listens. */
export async function startTeko(settings: TekoSettings, folders: { web: string; demo: string }): Promise<RunningApi> {
  await requireRedis(settings.REDIS_URL);
  const database = await openDatabase({ url: settings.DATABASE_URL, home: settings.TEKO_HOME });
  await database.migrate();
  await maybeLoadDemo(settings, database, folders.demo);
  const chroma =
    settings.CHROMA_URL || settings.TEKO_EMBEDDINGS === 'off' ? null : new ChromaServer(settings.TEKO_HOME);
  const module = StandaloneModule.forRoot(settings, database, folders.demo, chroma);
  const app = await NestFactory.create<NestExpressApplication>(module, {
    bodyParser: false,
    abortOnError: false,
    logger: new TekoLogger(settings.LOG_LEVEL, redactor(secretsOf(TEKO_SETTINGS, settings))),
  });
  const listening = await listen(app, settings, folders.web);
  // Not awaited: search uses keywords until Chroma is ready.
  chroma?.start();
  return {
    ...listening,
    close: async () => {
      await app.close();
      await chroma?.stop();
      await app.get<RunQueue>(RunQueue, { strict: false }).close();
      await app.get<EventBus>(EventBus, { strict: false }).close();
      await database.close();
    },
  };
}

async function maybeLoadDemo(settings: TekoSettings, database: Database, folder: string): Promise<void> {
  if (settings.TEKO_DEMO === 'off' || settings.TEKO_MODEL) return;
  const { RepositoryRepository: repositories, TaskRepository: tasks } = database.repositories;
  const { total } = await repositories.list({ page: 1, perPage: 1, sort: 'createdAt', order: 'ASC', filters: {} });
  if (total > 0) return;
  await loadDemo({ home: settings.TEKO_HOME, folder, repositories, tasks, ids: uuids, now: systemClock.now() });
}
