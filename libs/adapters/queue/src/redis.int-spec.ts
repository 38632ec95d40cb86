import { RedisProcess } from '@teko/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { BullRunQueue, openBullQueues } from './bull-run-queue';
import { eventBusContract, runQueueContract } from './queue.contract';
import { RedisEventBus } from './redis-event-bus';

/** Starts a server for this file. Returns null if `redis-server` is not installed; throws in CI. */
async function start(): Promise<RedisProcess | null> {
  try {
    return await RedisProcess.start();
  } catch (error) {
    if (process.env.CI || !isMissingProgram(error)) throw error;
    return null;
  }
}

function isMissingProgram(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

const redis = await start();
afterAll(() => redis?.kill());
const url = redis?.url ?? '';
let count = 0;

describe.skipIf(!redis)(redis ? 'on Redis' : 'skipped: not installed: redis-server', () => {
  runQueueContract('bull', async (rate) => {
    const prefix = `teko-test-${++count}`;
    return new BullRunQueue(openBullQueues({ url, prefix, rate }), url);
  });
  eventBusContract('redis', async () => {
    const bus = new RedisEventBus(url, 'teko-test');
    await bus.ready;
    return bus;
  });
});

it('names the setting if Redis does not respond, instead of waiting forever', async () => {
  const unreachable = 'redis://127.0.0.1:1';
  const queue = new BullRunQueue(openBullQueues({ url: unreachable }), unreachable);
  await expect(queue.add('a', { agentType: 'review', priority: 1 })).rejects.toThrow(/REDIS_URL/);
});
