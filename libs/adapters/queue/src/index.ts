export { InProcessRunQueue } from './in-process-run-queue';
export { BullRunQueue, openBullQueues } from './bull-run-queue';
export { RunQueueModule } from './run-queue.module';
export { InProcessEventBus, RedisEventBus } from './event-bus';
