import type { AgentType } from '@teko/contracts';
import type { EventBus, RunQueue, RunRateLimit, StoredEvent } from '@teko/domain';
import { afterEach, describe, expect, it, vi } from 'vitest';

/** Generous: ends only a test that hangs. */
const WAIT = { timeout: 50_000, interval: 10 };

function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** Contract of every RunQueue. */
export function runQueueContract(name: string, make: (rate?: RunRateLimit) => Promise<RunQueue>): void {
  describe(`RunQueue: ${name}`, () => {
    let queue: RunQueue;
    afterEach(() => queue.close());
    const settled = () => vi.waitFor(async () => expect(await counts()).toEqual({ queued: 0, active: 0 }), WAIT);
    const counts = async () => (await queue.counts()).implementation;
    const add = (id: string, priority: number, agentType: AgentType = 'implementation', delayMs?: number) =>
      queue.add(id, { agentType, priority, delayMs });
    const work = (
      concurrency: number,
      handler: (id: string) => Promise<void>,
      agentType: AgentType = 'implementation',
    ) => queue.process(agentType, concurrency, handler);

    it('processes runs by priority, each waiting one once', async () => {
      queue = await make();
      const processed: string[] = [];
      for (const [id, priority] of [
        ['low', 10],
        ['high', 40],
        ['mid', 20],
        ['high', 40],
      ] as const)
        await add(id, priority);
      expect(await counts()).toEqual({ queued: 3, active: 0 });
      work(1, async (id) => void processed.push(id));
      await vi.waitFor(() => expect(processed).toEqual(['high', 'mid', 'low']), WAIT);
    });

    it('runs no more handlers than its concurrency', async () => {
      queue = await make();
      const hold = gate();
      let running = 0;
      let max = 0;
      work(2, async () => {
        max = Math.max(max, ++running);
        await hold.opened;
        running--;
      });
      for (const id of ['a', 'b', 'c', 'd']) await add(id, 20);
      await vi.waitFor(async () => expect((await counts()).active).toBe(2), WAIT);
      hold.open();
      await settled();
      expect(max).toBe(2);
    });

    it('accepts a run again after it was processed, and continues after a handler error', async () => {
      queue = await make();
      const processed: string[] = [];
      work(1, async (id) => {
        processed.push(id);
        throw new Error('the handler broke');
      });
      await add('a', 20);
      await vi.waitFor(() => expect(processed).toEqual(['a']), WAIT);
      await settled();
      await add('a', 20);
      await vi.waitFor(() => expect(processed).toEqual(['a', 'a']), WAIT);
    });

    it('does not process a removed run', async () => {
      queue = await make();
      const processed: string[] = [];
      await add('removed', 40);
      await add('stays', 20);
      await queue.remove('removed');
      await queue.remove('unknown');
      work(1, async (id) => void processed.push(id));
      await vi.waitFor(() => expect(processed).toEqual(['stays']), WAIT);
    });

    it('processes nothing while paused, and loses nothing', async () => {
      queue = await make();
      const processed: string[] = [];
      await queue.pause();
      await queue.pause();
      work(1, async (id) => void processed.push(id));
      await add('a', 20);
      expect(await queue.isPaused()).toBe(true);
      expect(await counts()).toEqual({ queued: 1, active: 0 });
      await queue.resume();
      await vi.waitFor(() => expect(processed).toEqual(['a']), WAIT);
      expect(await queue.isPaused()).toBe(false);
    });

    it('applies the concurrency per agent type', async () => {
      queue = await make();
      const hold = gate();
      const processed: string[] = [];
      const working = (id: string) => {
        processed.push(id);
        return hold.opened;
      };
      work(1, working);
      work(2, working, 'review');
      for (const id of ['a', 'b']) await add(id, 20);
      for (const id of ['x', 'y', 'z']) await add(id, 20, 'review');
      await vi.waitFor(() => expect([...processed].sort()).toEqual(['a', 'x', 'y']), WAIT);
      expect(await queue.counts()).toEqual({
        implementation: { queued: 1, active: 1 },
        review: { queued: 1, active: 2 },
      });
      hold.open();
      await vi.waitFor(() => expect(processed).toHaveLength(5), WAIT);
    });

    it('processes a delayed run after its delay, and counts it as waiting', async () => {
      queue = await make();
      const started = new Map<string, number>();
      const addedAt = Date.now();
      await add('tomorrow', 40, 'implementation', 86_400_000);
      await add('late', 40, 'implementation', 300);
      await add('now', 20);
      expect(await counts()).toEqual({ queued: 3, active: 0 });
      work(1, async (id) => void started.set(id, Date.now()));
      await vi.waitFor(() => expect([...started.keys()].sort()).toEqual(['late', 'now']), WAIT);
      expect(started.get('late')! - addedAt).toBeGreaterThanOrEqual(300);
      await vi.waitFor(async () => expect(await counts()).toEqual({ queued: 1, active: 0 }), WAIT);
    });

    it('starts no more runs than the rate limit allows', async () => {
      queue = await make({ max: 2, durationMs: 1_000 });
      const started: number[] = [];
      // The first two can start late on a busy machine. The third starts at least one duration after this time.
      const before = Date.now();
      work(5, async () => void started.push(Date.now()));
      for (const id of ['a', 'b', 'c', 'd']) await add(id, 20);
      await vi.waitFor(() => expect(started).toHaveLength(4), WAIT);
      expect(started[2]! - before).toBeGreaterThanOrEqual(1_000);
    });

    it('closes after the running handlers have finished', async () => {
      queue = await make();
      const started = gate();
      const hold = gate();
      let finished = false;
      work(1, async () => {
        started.open();
        await hold.opened;
        finished = true;
      });
      await add('a', 20);
      await started.opened;
      const closing = queue.close();
      hold.open();
      await closing;
      expect(finished).toBe(true);
    });
  });
}

/** Contract of every EventBus. */
export function eventBusContract(name: string, make: () => Promise<EventBus>): void {
  it(`EventBus: ${name} delivers events to every subscriber until it unsubscribes`, async () => {
    const bus = await make();
    const event: StoredEvent = {
      id: 1,
      type: 'run',
      subjectId: 'r',
      repositoryId: null,
      taskId: null,
      runId: 'r',
      createdAt: new Date(0),
    };
    const first: StoredEvent[] = [];
    const second: StoredEvent[] = [];
    const unsubscribe = bus.subscribe((e) => first.push(e));
    bus.subscribe((e) => second.push(e));
    await bus.publish(event);
    await vi.waitFor(() => expect([first, second]).toEqual([[event], [event]]), WAIT);
    unsubscribe();
    await bus.publish({ ...event, id: 2 });
    await vi.waitFor(() => expect(second).toHaveLength(2), WAIT);
    expect(first).toHaveLength(1);
    await bus.close();
  });
}
