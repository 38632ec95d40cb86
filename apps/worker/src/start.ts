import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventBus, RunQueue } from '@teko/domain';
import { openDatabase, PersistenceModule, type Database } from '@teko/persistence';
import { requireRedis } from '@teko/queue';
import { redactor, requireServices, secretsOf, TEKO_SETTINGS, TekoLogger, type TekoSettings } from '@teko/platform';
import { AdaptersModule } from './adapters.module';
import { WORKER_ID } from './worker-id';
import { WorkerModule } from './worker.module';

@Module({})
class WorkerProcessModule {
  static forRoot(settings: TekoSettings, database: Database): DynamicModule {
    return {
      module: WorkerProcessModule,
      imports: [PersistenceModule.forRoot(database), AdaptersModule.forRoot(settings, null), WorkerModule],
    };
  }
}

/** Starts a worker process: migrates the database, takes over runs of dead workers, and executes runs until it is closed. */
export async function startWorker(settings: TekoSettings): Promise<{ id: string; close(): Promise<void> }> {
  requireServices(settings);
  await requireRedis(settings.REDIS_URL);
  const database = await openDatabase({ url: settings.DATABASE_URL, home: settings.TEKO_HOME });
  await database.migrate();
  const app = await NestFactory.createApplicationContext(WorkerProcessModule.forRoot(settings, database), {
    abortOnError: false,
    logger: new TekoLogger(settings.LOG_LEVEL, redactor(secretsOf(TEKO_SETTINGS, settings))),
  });
  return {
    id: WORKER_ID,
    close: async () => {
      await app.close();
      await app.get<RunQueue>(RunQueue, { strict: false }).close();
      await app.get<EventBus>(EventBus, { strict: false }).close();
    },
  };
}
