import type { EventBus, RunQueue, StoredEvent } from '@teko/domain';
import { afterEach, describe, expect, it, vi } from 'vitest';

function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** What every RunQueue promises. */
export function runQueueContract(name: string, make: () => Promise<RunQueue>): void {
  describe(`RunQueue: ${name}`, () => {
    let queue: RunQueue;
    afterEach(() => queue.close());
    const settled = () =>
      vi.waitFor(async () => expect(await queue.counts()).toEqual({ waiting: 0, active: 0 }), { timeout: 10_000 });

    it('hands ids out by priority, a waiting one only once', async () => {
      queue = await make();
      const seen: string[] = [];
      for (const [id, priority] of [
        ['low', 10],
        ['high', 40],
        ['mid', 20],
        ['high', 40],
      ] as const)
        await queue.add(id, { priority });
      expect(await queue.counts()).toEqual({ waiting: 3, active: 0 });
      queue.process(1, async (id) => void seen.push(id));
      await vi.waitFor(() => expect(seen).toEqual(['high', 'mid', 'low']), { timeout: 10_000 });
    });

    it('works on no more than the given number at a time', async () => {
      queue = await make();
      const hold = gate();
      let running = 0;
      let most = 0;
      queue.process(2, async () => {
        most = Math.max(most, ++running);
        await hold.opened;
        running--;
      });
      for (const id of ['a', 'b', 'c', 'd']) await queue.add(id, { priority: 20 });
      await vi.waitFor(async () => expect((await queue.counts()).active).toBe(2), { timeout: 10_000 });
      hold.open();
      await settled();
      expect(most).toBe(2);
    });

    it('takes an id again after it was worked on, and goes on after a handler threw', async () => {
      queue = await make();
      const seen: string[] = [];
      queue.process(1, async (id) => {
        seen.push(id);
        throw new Error('the handler broke');
      });
      await queue.add('a', { priority: 20 });
      await vi.waitFor(() => expect(seen).toEqual(['a']), { timeout: 10_000 });
      await settled();
      await queue.add('a', { priority: 20 });
      await vi.waitFor(() => expect(seen).toEqual(['a', 'a']), { timeout: 10_000 });
    });

    it('does not hand out what was removed', async () => {
      queue = await make();
      const seen: string[] = [];
      await queue.add('gone', { priority: 40 });
      await queue.add('stays', { priority: 20 });
      await queue.remove('gone');
      await queue.remove('never there');
      queue.process(1, async (id) => void seen.push(id));
      await vi.waitFor(() => expect(seen).toEqual(['stays']), { timeout: 10_000 });
    });

    it('hands nothing out while it is paused, and loses nothing', async () => {
      queue = await make();
      const seen: string[] = [];
      await queue.pause();
      await queue.pause();
      queue.process(1, async (id) => void seen.push(id));
      await queue.add('a', { priority: 20 });
      expect(await queue.isPaused()).toBe(true);
      expect(await queue.counts()).toEqual({ waiting: 1, active: 0 });
      await queue.resume();
      await vi.waitFor(() => expect(seen).toEqual(['a']), { timeout: 10_000 });
      expect(await queue.isPaused()).toBe(false);
    });

    it('closes when the running handlers are done', async () => {
      queue = await make();
      const started = gate();
      const hold = gate();
      let finished = false;
      queue.process(1, async () => {
        started.open();
        await hold.opened;
        finished = true;
      });
      await queue.add('a', { priority: 20 });
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
    await vi.waitFor(() => expect([first, second]).toEqual([[event], [event]]), { timeout: 10_000 });
    leave();
    await bus.publish({ ...event, id: 2 });
    await vi.waitFor(() => expect(second).toHaveLength(2), { timeout: 10_000 });
    expect(first).toHaveLength(1);
    await bus.close();
  });
}
