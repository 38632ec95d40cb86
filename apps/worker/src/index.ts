export { AdaptersModule } from './adapters.module';
export { WorkerModule } from './worker.module';
export { requireRedis } from '@teko/queue';
