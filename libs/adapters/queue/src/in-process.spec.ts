import { InProcessEventBus } from './event-bus';
import { InProcessRunQueue } from './in-process-run-queue';
import { eventBusContract, runQueueContract } from './queue.contract';

runQueueContract('in-process', async (rate) => new InProcessRunQueue(rate));
eventBusContract('in-process', async () => new InProcessEventBus());
