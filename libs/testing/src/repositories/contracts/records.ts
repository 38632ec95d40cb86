import { randomUUID } from 'node:crypto';
import { ConflictError, NotFoundError } from '@teko/domain';
import { expect, it } from 'vitest';
import { aCheckpoint, aSession, aSignInLink, aUser, BUILT_AT } from '../builders';
import { describePort, type MakeRepositories } from './fixture';

const LATER = new Date(BUILT_AT.getTime() + 60_000);

/** What every CheckpointRepository does. */
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

    it('finds the latest, a named one, and those before another', async () => {
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

    it('keeps writes in order, the last one of each place', async () => {
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
  });
}

/** What every UserRepository does. */
export function userContract(name: string, make: MakeRepositories): void {
  describePort('UserRepository', name, make, (get) => {
    const port = () => get().repositories.UserRepository;

    it('finds the oldest admin that may sign in', async () => {
      const ancient = (year: number) => new Date(Date.UTC(year, 0, 1));
      const oldest = aUser({ createdAt: ancient(1982), roles: ['developer', 'admin'] });
      await port().insert(aUser({ createdAt: ancient(1983) }));
      await port().insert(oldest);
      await port().insert(aUser({ createdAt: ancient(1980), disabled: true }));
      await port().insert(aUser({ createdAt: ancient(1981), roles: ['viewer'] }));
      expect(await port().findFirstAdmin()).toEqual(oldest);
    });

    it('refuses a taken address; users without one are many', async () => {
      const user = aUser({ email: `${randomUUID()}@example.org` });
      await port().insert(user);
      expect(await port().findById(user.id)).toEqual(user);
      await expect(port().insert(aUser({ email: user.email }))).rejects.toThrow(ConflictError);
      await port().insert(aUser({ email: null }));
      await port().insert(aUser({ email: null }));
    });
  });
}

/** What every SessionRepository does. */
export function sessionContract(name: string, make: MakeRepositories): void {
  describePort('SessionRepository', name, make, (get) => {
    const port = () => get().repositories.SessionRepository;
    const user = async () => {
      const row = aUser({ roles: ['viewer'] });
      await get().repositories.UserRepository.insert(row);
      return row.id;
    };

    it('keeps a session until it is deleted', async () => {
      const session = aSession({ userId: await user(), userAgent: 'x'.repeat(600) });
      await port().insert(session);
      await port().touch(session.id, LATER);
      expect(await port().findByTokenHash(session.tokenHash)).toEqual({ ...session, lastUsedAt: LATER });
      await port().delete(session.id);
      expect(await port().findByTokenHash(session.tokenHash)).toBeNull();
      await expect(port().touch(session.id, LATER)).rejects.toThrow(NotFoundError);
      await expect(port().insert(aSession())).rejects.toThrow(NotFoundError);
    });

    it('uses a link once, and none that has ended', async () => {
      const link = aSignInLink({ userId: await user() });
      await port().insertLink(link);
      const uses = await Promise.all([1, 2, 3].map(() => port().useLink(link.tokenHash, BUILT_AT)));
      expect(uses.filter(Boolean)).toEqual([{ ...link, usedAt: BUILT_AT }]);
      const ended = aSignInLink({ userId: link.userId, expiresAt: BUILT_AT });
      await port().insertLink(ended);
      expect(await port().useLink(ended.tokenHash, BUILT_AT)).toBeNull();
      expect(await port().useLink('none', BUILT_AT)).toBeNull();
      await expect(port().insertLink({ ...ended, id: randomUUID() })).rejects.toThrow(ConflictError);
    });
  });
}

/** What every EventRepository does. */
export function eventContract(name: string, make: MakeRepositories): void {
  describePort('EventRepository', name, make, (get) => {
    const port = () => get().repositories.EventRepository;
    const append = (runId: string | null = null) =>
      port().append({ type: 'run', subjectId: randomUUID(), repositoryId: null, taskId: null, runId });

    it('gives growing ids and finds what came after one', async () => {
      const start = await port().latestId();
      const runId = randomUUID();
      const made = [await append(), await append(runId), await append()];
      expect(await port().since(start, {}, 10)).toEqual(made);
      expect(await port().since(start, {}, 1)).toEqual(made.slice(0, 1));
      expect(await port().since(start, { runId }, 10)).toEqual([made[1]]);
      expect(await port().latestId()).toBe(made[2]!.id);
    });

    it('takes events that come at once', async () => {
      const start = await port().latestId();
      const made = await Promise.all(Array.from({ length: 10 }, () => append()));
      const ids = made.map(({ id }) => id).sort((a, b) => a - b);
      expect((await port().since(start, {}, 100)).map(({ id }) => id)).toEqual(ids);
    });

    it('forgets old events and does not use their ids again', async () => {
      const last = await append();
      await port().prune(new Date(0));
      expect(await port().latestId()).toBe(last.id);
      await port().prune(new Date(Date.now() + 60_000));
      expect(await port().since(0, {}, 10)).toEqual([]);
      expect((await append()).id).toBeGreaterThan(last.id);
    });
  });
}
