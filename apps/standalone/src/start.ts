import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AGENT_PROFILES, ApiModule, configureApi, SETTINGS_REPORT } from '@teko/api';
import { EventBus, RunQueue } from '@teko/domain';
import { SessionService } from '@teko/identity';
import { openDatabase, PersistenceModule, type Database } from '@teko/persistence';
import { settingsReport, systemClock, TEKO_SETTINGS, uuids, type TekoSettings } from '@teko/platform';
import { WorkerModule } from '@teko/worker';
import { agentProfiles } from './agent-profiles';
import { AdaptersModule } from './adapters.module';
import { ReportModule } from './report.module';
import { loadDemo } from './demo';

@Module({})
class StandaloneModule {
  static forRoot(settings: TekoSettings, database: Database, demoFolder: string): DynamicModule {
    return {
      module: StandaloneModule,
      imports: [
        PersistenceModule.forRoot(database),
        AdaptersModule.forRoot(settings, join(demoFolder, 'transcript.json')),
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

export interface RunningTeko {
  url: string;
  signInUrl: string;
  close(): Promise<void>;
}

/** Starts API, worker and panel in this process: migrates, loads the demo where it belongs, listens. */
export async function startTeko(raw: TekoSettings, folders: { web: string; demo: string }): Promise<RunningTeko> {
  const settings = { ...raw, TEKO_HOME: resolve(raw.TEKO_HOME) };
  await mkdir(settings.TEKO_HOME, { recursive: true });
  const database = await openDatabase({ url: settings.DATABASE_URL, home: settings.TEKO_HOME });
  await database.migrate();
  await maybeLoadDemo(settings, database, folders.demo);
  const module = StandaloneModule.forRoot(settings, database, folders.demo);
  const app = await NestFactory.create<NestExpressApplication>(module, {
    bodyParser: true,
    abortOnError: false,
    logger: logLevels(settings.LOG_LEVEL),
  });
  await configureApi(app, { url: settings.TEKO_URL ?? `http://localhost:${settings.PORT}`, webRoot: folders.web });
  await app.listen(settings.PORT, settings.HOST);
  const address = app.getHttpServer().address() as { port: number };
  const url = settings.TEKO_URL ?? `http://localhost:${address.port}`;
  const link = await app.get(SessionService, { strict: false }).createSignInLink();
  return {
    url,
    signInUrl: `${url}/#/login?token=${link.token}`,
    close: async () => {
      await app.close();
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

function logLevels(level: TekoSettings['LOG_LEVEL']) {
  const levels = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;
  const names: Record<string, number> = { silent: 0, fatal: 1, error: 2, warn: 3, info: 4, debug: 5, trace: 6 };
  return levels.slice(0, names[level]);
}
