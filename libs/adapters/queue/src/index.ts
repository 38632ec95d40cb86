export { InProcessRunQueue } from './in-process-run-queue';
export { RunQueueModule } from './run-queue.module';
export { requireRedis } from './require-redis';
export { createEventBus, InProcessEventBus } from './event-bus';
