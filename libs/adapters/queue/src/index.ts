export { InProcessRunQueue } from './in-process-run-queue';
export { RunQueueModule } from './run-queue.module';
export { createEventBus, InProcessEventBus } from './event-bus';
