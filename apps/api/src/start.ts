import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { EventBus, RunQueue } from '@teko/domain';
import { SessionService } from '@teko/identity';
import { openDatabase, PersistenceModule, type Database } from '@teko/persistence';
import { requireRedis } from '@teko/queue';
import {
  publicUrl,
  redactor,
  requireServices,
  secretsOf,
  TEKO_SETTINGS,
  TekoLogger,
  type TekoSettings,
} from '@teko/platform';
import { ApiAdaptersModule } from './adapters.module';
import { ApiModule } from './api.module';
import { configureApi } from './configure-api';

/** Time in which a client has to send its headers, and its whole request. Streams of responses can last longer. */
const HEADERS_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 120_000;

@Module({})
class ApiProcessModule {
  static forRoot(settings: TekoSettings, database: Database): DynamicModule {
    return {
      module: ApiProcessModule,
      imports: [PersistenceModule.forRoot(database), ApiAdaptersModule.forRoot(settings), ApiModule],
    };
  }
}

export interface RunningApi {
  url: string;
  signInUrl: string;
  close(): Promise<void>;
}

/** Starts listening and creates a one-time sign-in link for the first admin. */
export async function listen(app: NestExpressApplication, settings: TekoSettings, webRoot: string) {
  await configureApi(app, { url: publicUrl(settings), webRoot });
  const server = app.getHttpServer() as Server;
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  await app.listen(settings.PORT, settings.HOST);
  const { port } = server.address() as AddressInfo;
  const url = publicUrl({ ...settings, PORT: port });
  const { token } = await app.get(SessionService, { strict: false }).createSignInLink();
  return { url, signInUrl: `${url}/#/login?token=${token}` };
}

/** Starts an API process: migrates the database and listens. Workers run in separate processes. */
export async function startApi(settings: TekoSettings, folders: { web: string }): Promise<RunningApi> {
  requireServices(settings);
  await requireRedis(settings.REDIS_URL);
  const database = await openDatabase({ url: settings.DATABASE_URL, home: settings.TEKO_HOME });
  await database.migrate();
  const app = await NestFactory.create<NestExpressApplication>(ApiProcessModule.forRoot(settings, database), {
    bodyParser: false,
    abortOnError: false,
    logger: new TekoLogger(settings.LOG_LEVEL, redactor(secretsOf(TEKO_SETTINGS, settings))),
  });
  return {
    ...(await listen(app, settings, folders.web)),
    close: async () => {
      await app.close();
      await app.get<RunQueue>(RunQueue, { strict: false }).close();
      await app.get<EventBus>(EventBus, { strict: false }).close();
    },
  };
}
