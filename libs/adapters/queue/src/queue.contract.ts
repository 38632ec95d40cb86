import type { AgentType } from '@teko/contracts';
import type { EventBus, RunQueue, RunRateLimit, StoredEvent } from '@teko/domain';
import { afterEach, describe, expect, it, vi } from 'vitest';

/** Ends only what hangs, and says then what it waited for. */
const WAIT = { timeout: 50_000, interval: 10 };

function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** What every RunQueue promises. */
export function runQueueContract(name: string, make: (rate?: RunRateLimit) => Promise<RunQueue>): void {
  describe(`RunQueue: ${name}`, () => {
    let queue: RunQueue;
    afterEach(() => queue.close());
    const settled = () => vi.waitFor(async () => expect(await counts()).toEqual({ waiting: 0, active: 0 }), WAIT);
    const counts = async () => (await queue.counts()).implementation;
    const add = (id: string, priority: number, agentType: AgentType = 'implementation', delayMs?: number) =>
      queue.add(id, { agentType, priority, delayMs });
    const work = (
      concurrency: number,
      handler: (id: string) => Promise<void>,
      agentType: AgentType = 'implementation',
    ) => queue.process(agentType, concurrency, handler);

    it('hands ids out by priority, a waiting one only once', async () => {
      queue = await make();
      const seen: string[] = [];
      for (const [id, priority] of [
        ['low', 10],
        ['high', 40],
        ['mid', 20],
        ['high', 40],
      ] as const)
        await add(id, priority);
      expect(await counts()).toEqual({ waiting: 3, active: 0 });
      work(1, async (id) => void seen.push(id));
      await vi.waitFor(() => expect(seen).toEqual(['high', 'mid', 'low']), WAIT);
    });

    it('works on no more than the given number at a time', async () => {
      queue = await make();
      const hold = gate();
      let running = 0;
      let most = 0;
      work(2, async () => {
        most = Math.max(most, ++running);
        await hold.opened;
        running--;
      });
      for (const id of ['a', 'b', 'c', 'd']) await add(id, 20);
      await vi.waitFor(async () => expect((await counts()).active).toBe(2), WAIT);
      hold.open();
      await settled();
      expect(most).toBe(2);
    });

    it('takes an id again after it was worked on, and goes on after a handler threw', async () => {
      queue = await make();
      const seen: string[] = [];
      work(1, async (id) => {
        seen.push(id);
        throw new Error('the handler broke');
      });
      await add('a', 20);
      await vi.waitFor(() => expect(seen).toEqual(['a']), WAIT);
      await settled();
      await add('a', 20);
      await vi.waitFor(() => expect(seen).toEqual(['a', 'a']), WAIT);
    });

    it('does not hand out what was removed', async () => {
      queue = await make();
      const seen: string[] = [];
      await add('gone', 40);
      await add('stays', 20);
      await queue.remove('gone');
      await queue.remove('never there');
      work(1, async (id) => void seen.push(id));
      await vi.waitFor(() => expect(seen).toEqual(['stays']), WAIT);
    });

    it('hands nothing out while it is paused, and loses nothing', async () => {
      queue = await make();
      const seen: string[] = [];
      await queue.pause();
      await queue.pause();
      work(1, async (id) => void seen.push(id));
      await add('a', 20);
      expect(await queue.isPaused()).toBe(true);
      expect(await counts()).toEqual({ waiting: 1, active: 0 });
      await queue.resume();
      await vi.waitFor(() => expect(seen).toEqual(['a']), WAIT);
      expect(await queue.isPaused()).toBe(false);
    });

    it('keeps agent types apart: each with its own number at a time', async () => {
      queue = await make();
      const hold = gate();
      const seen: string[] = [];
      const working = (id: string) => {
        seen.push(id);
        return hold.opened;
      };
      work(1, working);
      work(2, working, 'review');
      for (const id of ['a', 'b']) await add(id, 20);
      for (const id of ['x', 'y', 'z']) await add(id, 20, 'review');
      await vi.waitFor(() => expect([...seen].sort()).toEqual(['a', 'x', 'y']), WAIT);
      expect(await queue.counts()).toEqual({
        implementation: { waiting: 1, active: 1 },
        review: { waiting: 1, active: 2 },
      });
      hold.open();
      await vi.waitFor(() => expect(seen).toHaveLength(5), WAIT);
    });

    it('holds back what is delayed, and counts it as waiting', async () => {
      queue = await make();
      const begun = new Map<string, number>();
      const addedAt = Date.now();
      await add('tomorrow', 40, 'implementation', 86_400_000);
      await add('late', 40, 'implementation', 300);
      await add('now', 20);
      expect(await counts()).toEqual({ waiting: 3, active: 0 });
      work(1, async (id) => void begun.set(id, Date.now()));
      await vi.waitFor(() => expect([...begun.keys()].sort()).toEqual(['late', 'now']), WAIT);
      expect(begun.get('late')! - addedAt).toBeGreaterThanOrEqual(300);
      await vi.waitFor(async () => expect(await counts()).toEqual({ waiting: 1, active: 0 }), WAIT);
    });

    it('begins no more than the rate allows', async () => {
      queue = await make({ max: 2, durationMs: 1_000 });
      const begun: number[] = [];
      // The first two may begin late on a busy machine; the third is due a whole duration after this at the earliest.
      const before = Date.now();
      work(5, async () => void begun.push(Date.now()));
      for (const id of ['a', 'b', 'c', 'd']) await add(id, 20);
      await vi.waitFor(() => expect(begun).toHaveLength(4), WAIT);
      expect(begun[2]! - before).toBeGreaterThanOrEqual(1_000);
    });

    it('closes when the running handlers are done', async () => {
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

/** What every EventBus promises. */
export function eventBusContract(name: string, make: () => Promise<EventBus>): void {
  it(`EventBus: ${name} wakes up every subscriber until it leaves`, async () => {
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
    const leave = bus.subscribe((e) => first.push(e));
    bus.subscribe((e) => second.push(e));
    await bus.publish(event);
    await vi.waitFor(() => expect([first, second]).toEqual([[event], [event]]), WAIT);
    leave();
    await bus.publish({ ...event, id: 2 });
    await vi.waitFor(() => expect(second).toHaveLength(2), WAIT);
    expect(first).toHaveLength(1);
    await bus.close();
  });
}
