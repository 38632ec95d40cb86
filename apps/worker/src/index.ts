export { AdaptersModule, languageModels } from './adapters.module';
export { WorkerModule } from './worker.module';
export { requireRedis } from '@teko/queue';
