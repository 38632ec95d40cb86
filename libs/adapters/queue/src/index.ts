export { InProcessRunQueue } from './in-process-run-queue';
export { BullRunQueue } from './bull-run-queue';
export { InProcessEventBus, RedisEventBus } from './event-bus';
