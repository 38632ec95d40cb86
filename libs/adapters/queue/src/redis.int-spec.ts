import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { BullRunQueue, openBullQueues } from './bull-run-queue';
import { RedisEventBus } from './redis-event-bus';
import { eventBusContract, runQueueContract } from './queue.contract';

const URL = 'redis://127.0.0.1:6379';
let count = 0;

async function reachable(): Promise<boolean> {
  const redis = new Redis(URL, { lazyConnect: true, retryStrategy: () => null });
  try {
    await redis.connect();
    return true;
  } catch (error) {
    if (process.env.CI) throw error;
    return false;
  } finally {
    redis.disconnect();
  }
}

const up = await reachable();

describe.skipIf(!up)(up ? 'on Redis' : `skipped: no Redis answers at ${URL}`, () => {
  runQueueContract('bull', async (rate) => {
    const prefix = `teko-test-${process.pid}-${++count}`;
    return new BullRunQueue(openBullQueues({ url: URL, prefix, rate }));
  });
  eventBusContract('redis', async () => {
    const bus = new RedisEventBus(URL, `teko-test-${process.pid}`);
    await bus.ready;
    return bus;
  });
});

it('says which setting is wrong rather than waiting for ever', async () => {
  const queue = new BullRunQueue(openBullQueues({ url: 'redis://127.0.0.1:1' }));
  await expect(queue.add('a', { agentType: 'review', priority: 1 })).rejects.toThrow(/REDIS_URL/);
});
