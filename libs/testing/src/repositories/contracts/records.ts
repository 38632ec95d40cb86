import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { aCheckpoint } from '../builders';
import { describePort, type MakeRepositories } from './fixture';

/** The contract of CheckpointRepository. */
export function checkpointContract(name: string, make: MakeRepositories): void {
  describePort('CheckpointRepository', name, make, (get) => {
    const port = () => get().repositories.CheckpointRepository;
    const write = { namespace: '', taskId: 'task', channel: 'messages', value: '1' };

    it('keeps the newest checkpoints with their writes, and each message once', async () => {
      const threadId = randomUUID();
      for (const checkpointId of ['1', '2', '3', '4']) {
        await port().putWrites([{ ...write, threadId, checkpointId, idx: 0 }]);
        const blobs = [checkpointId, 'same', 'same'].map((hash) => ({ threadId, hash, value: `value ${hash}` }));
        await port().put(aCheckpoint({ threadId, checkpointId }), blobs, 2);
      }
      expect((await port().list(threadId, '')).map((row) => row.checkpointId)).toEqual(['4', '3']);
      expect(await port().blobs(threadId, ['same', 'none'])).toEqual([{ threadId, hash: 'same', value: 'value same' }]);
      expect(await port().blobs(threadId, [])).toEqual([]);
      expect(await port().writes(threadId, '', '1')).toEqual([]);
      expect(await port().writes(threadId, '', '4')).toHaveLength(1);
    });

    it('finds the latest checkpoint, one by id, and those before another', async () => {
      const threadId = randomUUID();
      const namespace = `sub:${randomUUID()}|sub:${randomUUID()}`;
      const [one, two] = ['1', '2'].map((checkpointId) => aCheckpoint({ threadId, namespace, checkpointId }));
      await port().put(one!, [], 10);
      await port().put({ ...two!, metadata: '{"old":true}' }, [], 10);
      await port().put(two!, [], 10);
      expect(await port().get(threadId, namespace)).toEqual(two);
      expect(await port().get(threadId, namespace, '1')).toEqual(one);
      expect(await port().get(threadId, '')).toBeNull();
      expect(await port().list(threadId, undefined, 10, '2')).toEqual([one]);
      expect(await port().list(threadId, namespace, 1)).toEqual([two]);
      expect((await port().list(undefined, namespace)).map((row) => row.checkpointId)).toEqual(['2', '1']);
    });

    it('returns writes in order, the last one of each index', async () => {
      const at = { ...write, threadId: randomUUID(), checkpointId: '1' };
      await port().putWrites([
        { ...at, idx: 1, value: 'b' },
        { ...at, idx: 0, value: 'a' },
      ]);
      await port().putWrites([{ ...at, idx: 1, value: 'c' }]);
      await port().putWrites([]);
      expect((await port().writes(at.threadId, '', '1')).map(({ value }) => value)).toEqual(['a', 'c']);
    });

    it('deletes one thread', async () => {
      const [gone, kept] = [randomUUID(), randomUUID()];
      for (const threadId of [gone, kept]) {
        await port().put(aCheckpoint({ threadId }), [{ threadId, hash: 'h', value: 'v' }], 2);
        await port().putWrites([{ ...write, threadId, checkpointId: '1', idx: 0 }]);
      }
      await port().deleteThread(gone);
      expect(await port().get(gone, '')).toBeNull();
      expect(await port().blobs(gone, ['h'])).toEqual([]);
      expect(await port().writes(gone, '', '1')).toEqual([]);
      expect(await port().blobs(kept, ['h'])).toHaveLength(1);
    });

    it('lists thread ids and deletes unreferenced messages', async () => {
      const threadId = randomUUID();
      const blobs = ['a', 'b', 'c'].map((hash) => ({ threadId, hash, value: hash }));
      await port().put(aCheckpoint({ threadId }), blobs, 3);
      expect(await port().threadIds()).toContain(threadId);
      await port().deleteBlobs(threadId, ['a', 'c', 'not there']);
      expect(await port().blobs(threadId, ['a', 'b', 'c'])).toEqual([blobs[1]]);
      await port().deleteThread(threadId);
      expect(await port().threadIds()).not.toContain(threadId);
    });
  });
}

/** The contract of EventRepository. */
export function eventContract(name: string, make: MakeRepositories): void {
  describePort('EventRepository', name, make, (get) => {
    const port = () => get().repositories.EventRepository;
    const append = (runId: string | null = null) =>
      port().append({ type: 'run', subjectId: randomUUID(), repositoryId: null, taskId: null, runId });

    it('assigns increasing ids and finds the events after one', async () => {
      const start = await port().latestId();
      const runId = randomUUID();
      const made = [await append(), await append(runId), await append()];
      expect(await port().findAfter(start, {}, 10)).toEqual(made);
      expect(await port().findAfter(start, {}, 1)).toEqual(made.slice(0, 1));
      expect(await port().findAfter(start, { runId }, 10)).toEqual([made[1]]);
      expect(await port().latestId()).toBe(made[2]!.id);
    });

    it('omits events of other repositories and events without a repository', async () => {
      const start = await port().latestId();
      await append();
      const [mine, other] = [randomUUID(), randomUUID()];
      const event = { type: 'task' as const, subjectId: randomUUID(), taskId: null, runId: null };
      for (const repositoryId of [mine, other]) await port().append({ ...event, repositoryId });
      expect(await port().findAfter(start, { within: [mine] }, 10)).toMatchObject([{ repositoryId: mine }]);
      expect(await port().findAfter(start, { within: [] }, 10)).toEqual([]);
    });

    it('stores concurrent events', async () => {
      const start = await port().latestId();
      const made = await Promise.all(Array.from({ length: 10 }, () => append()));
      const ids = made.map(({ id }) => id).sort((a, b) => a - b);
      expect((await port().findAfter(start, {}, 100)).map(({ id }) => id)).toEqual(ids);
    });

    it('deletes old events and does not reuse their ids', async () => {
      const last = await append();
      await port().prune(new Date(0));
      expect(await port().latestId()).toBe(last.id);
      await port().prune(new Date(Date.now() + 60_000));
      expect(await port().findAfter(0, {}, 10)).toEqual([]);
      expect((await append()).id).toBeGreaterThan(last.id);
    });
  });
}
