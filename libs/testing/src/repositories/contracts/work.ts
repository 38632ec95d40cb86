import { randomUUID } from 'node:crypto';
import { ConflictError, InvalidError, NotFoundError, type Task } from '@teko/domain';
import { expect, it } from 'vitest';
import { aCodebaseProfile, aComment, aRepository, aTask, BUILT_AT } from '../builders';
import { describePort, listQuery, type MakeRepositories } from './fixture';

const LATER = new Date(BUILT_AT.getTime() + 60_000);

/** The contract of RepositoryRepository. */
export function repositoryContract(name: string, make: MakeRepositories): void {
  describePort('RepositoryRepository', name, make, (get) => {
    const port = () => get().repositories.RepositoryRepository;

    it('returns a row unchanged, with milliseconds', async () => {
      const row = await get().repository({ fetchedAt: LATER, statusReason: 'ü 🎉 '.repeat(20_000) });
      expect(await port().findById(row.id)).toEqual(row);
      expect(await port().findByUrl(row.url)).toEqual(row);
      expect(await port().findById('none')).toBeNull();
    });

    it('rejects a duplicate URL; URLs are case-sensitive', async () => {
      const row = await get().repository();
      await expect(port().insert(aRepository({ url: row.url }))).rejects.toThrow(ConflictError);
      await port().insert(aRepository({ url: row.url.toUpperCase() }));
      expect(await port().findByUrl(row.url)).toEqual(row);
    });

    it('updates only the fields of the patch', async () => {
      const row = await get().repository();
      const changed = await port().update(row.id, { status: 'failed', name: undefined });
      expect(changed).toEqual({ ...row, status: 'failed' });
      expect(await port().findById(row.id)).toEqual(changed);
      await expect(port().update('none', { status: 'failed' })).rejects.toThrow(NotFoundError);
    });

    it('returns a sorted and filtered page with the total', async () => {
      const tag = randomUUID();
      for (const n of [2, 3, 1]) await get().repository({ name: `${tag} ${n}`, demo: n === 1 });
      const page = await port().list(listQuery({ q: tag, sort: 'name', order: 'DESC', perPage: 2, page: 2 }));
      expect(page.total).toBe(3);
      expect(page.data.map((row) => row.name)).toEqual([`${tag} 1`]);
      expect((await port().list(listQuery({ q: tag, filters: { demo: ['true'] } }))).total).toBe(1);
      expect((await port().list(listQuery({ q: tag, filters: { demo: [] } }))).total).toBe(3);
    });

    it('finds a repository by its id on the forge, which is unique per forge', async () => {
      const forgeId = randomUUID();
      const row = await get().repository({ forge: 'github', forgeId, forgeName: 'acme/shop', archived: true });
      await get().repository({ forgeId });
      expect(await port().findByForgeId('github', forgeId)).toEqual(row);
      expect(await port().findByForgeId('github', 'none')).toBeNull();
      await expect(port().insert(aRepository({ forge: 'github', forgeId }))).rejects.toThrow(ConflictError);
      const other = await get().repository({ forge: 'github', forgeId: null });
      await get().repository({ forge: 'github', forgeId: null });
      await expect(port().update(other.id, { forgeId })).rejects.toThrow(ConflictError);
      const filters = { forge: ['github'], archived: ['true'] };
      expect((await port().list(listQuery({ filters, within: [row.id, other.id] }))).data).toEqual([row]);
    });

    it('can be claimed for reconciliation by one of several concurrent callers', async () => {
      const { id } = await get().repository();
      const claim = (seen: Date | null, now: Date) => port().claimReconciliation(id, seen, now);
      const first = await Promise.all([claim(null, BUILT_AT), claim(null, BUILT_AT), claim(null, BUILT_AT)]);
      expect(first.filter(Boolean)).toHaveLength(1);
      expect(await claim(null, LATER)).toBe(false);
      expect(await claim(new Date(BUILT_AT.getTime() + 1), LATER)).toBe(false);
      expect((await Promise.all([claim(BUILT_AT, LATER), claim(BUILT_AT, LATER)])).filter(Boolean)).toHaveLength(1);
      expect((await port().findById(id))?.reconciledAt).toEqual(LATER);
      expect(await port().claimReconciliation('none', null, LATER)).toBe(false);
    });

    it('adds up concurrently found missed events', async () => {
      const { id } = await get().repository({ missedEvents: 3 });
      await Promise.all(Array.from({ length: 5 }, () => port().addMissedEvents(id, 2)));
      expect((await port().findById(id))?.missedEvents).toBe(13);
      await expect(port().addMissedEvents('none', 1)).rejects.toThrow(NotFoundError);
    });

    it('deletes its tasks and runs', async () => {
      const run = await get().run();
      await port().delete(run.repositoryId);
      expect(await port().findById(run.repositoryId)).toBeNull();
      expect(await get().repositories.TaskRepository.findById(run.taskId)).toBeNull();
      expect(await get().repositories.RunRepository.findById(run.id)).toBeNull();
      await expect(port().delete(run.repositoryId)).rejects.toThrow(NotFoundError);
    });
  });
}

/** The contract of CodebaseProfileRepository. */
export function codebaseProfileContract(name: string, make: MakeRepositories): void {
  describePort('CodebaseProfileRepository', name, make, (get) => {
    const port = () => get().repositories.CodebaseProfileRepository;

    it('stores one profile per commit', async () => {
      const { id: repositoryId } = await get().repository();
      await port().save(aCodebaseProfile({ repositoryId, commit: 'one' }));
      const again = aCodebaseProfile({ repositoryId, commit: 'one', totalBytes: 5_000_000_000 });
      await port().save(again);
      expect(await port().findByCommit(repositoryId, 'one')).toEqual(again);
      expect(await port().findByCommit(repositoryId, 'two')).toBeNull();
    });

    it('finds the latest profile', async () => {
      const { id: repositoryId } = await get().repository();
      expect(await port().findLatest(repositoryId)).toBeNull();
      const latest = aCodebaseProfile({ repositoryId, commit: 'new', createdAt: LATER });
      await port().save(latest);
      await port().save(aCodebaseProfile({ repositoryId, commit: 'old' }));
      expect(await port().findLatest(repositoryId)).toEqual(latest);
      expect((await port().findHistory(repositoryId, 5)).map(({ commit }) => commit)).toEqual(['new', 'old']);
    });

    it('rejects a profile of an unknown repository', async () => {
      await expect(port().save(aCodebaseProfile())).rejects.toThrow(NotFoundError);
    });
  });
}

/** The contract of TaskRepository. */
export function taskContract(name: string, make: MakeRepositories): void {
  describePort('TaskRepository', name, make, (get) => {
    const port = () => get().repositories.TaskRepository;

    it('numbers concurrent tasks without gaps and duplicates', async () => {
      const { id: repositoryId } = await get().repository();
      const made = await Promise.all(Array.from({ length: 12 }, () => port().insert(aTask({ repositoryId }))));
      const numbers = made.map((task) => task.number).sort((a, b) => a - b);
      expect(numbers).toEqual(numbers.map((_, i) => numbers[0]! + i));
      expect(await port().findById(made[3]!.id)).toEqual(made[3]);
    });

    it('creates one task per source key, also concurrently', async () => {
      const { id: repositoryId } = await get().repository();
      const sourceKey = `issue:${randomUUID()}`;
      const results = await Promise.allSettled([1, 2, 3].map(() => port().insert(aTask({ repositoryId, sourceKey }))));
      const stored = await port().findBySourceKey(repositoryId, sourceKey);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      await expect(port().insert(aTask({ repositoryId, sourceKey }))).rejects.toMatchObject({
        code: 'conflict',
        details: { taskId: stored!.id },
      });
    });

    it('accepts the same source key in another repository', async () => {
      const [one, other] = [await get().repository(), await get().repository()];
      const sourceKey = `issue:${randomUUID()}`;
      await port().insert(aTask({ repositoryId: one.id, sourceKey }));
      const second = await port().insert(aTask({ repositoryId: other.id, sourceKey }));
      expect(await port().findBySourceKey(other.id, sourceKey)).toMatchObject({ id: second.id });
    });

    it('rejects a task of an unknown repository', async () => {
      await expect(port().insert(aTask())).rejects.toThrow(NotFoundError);
    });

    it('is moved to a status by one of several concurrent callers', async () => {
      const task = await get().task();
      const moves = await Promise.all([1, 2, 3].map((n) => port().transition(task.id, 'new', 'analysed', `by ${n}`)));
      expect(moves.filter(Boolean)).toHaveLength(1);
      expect(await port().findById(task.id)).toMatchObject({
        status: 'analysed',
        statusReason: `by ${moves.indexOf(true) + 1}`,
      });
      expect(await port().transition('none', 'new', 'analysed', null)).toBe(false);
    });

    it('updates fields and rejects an unknown task', async () => {
      const task = await get().task();
      expect(await port().update(task.id, { title: 'Neu' })).toEqual({ ...task, title: 'Neu' });
      await expect(port().update('none', { title: 'x' })).rejects.toThrow(NotFoundError);
    });

    it('finds the tasks of an issue, newest first', async () => {
      const origin = { issueNumber: 41, requestedBy: 'octocat', triggerKey: 'a', planFirst: true } as const;
      const first = await get().task(origin);
      const { repositoryId } = first;
      const second = await get().task({ ...origin, repositoryId });
      await get().task({ ...origin, repositoryId, issueNumber: 42 });
      await get().task(origin);
      expect(await port().findByIssue(repositoryId, 41)).toEqual([second, first]);
    });

    it('finds tasks by status: first the oldest of each repository, then the others by age', async () => {
      const [flood, quiet] = [await get().repository(), await get().repository()];
      const made: Task[] = [];
      for (const { id } of [flood, flood, flood, quiet]) {
        made.push(await get().task({ repositoryId: id, status: 'needs_input' }));
      }
      const order = (await port().findByStatus('needs_input', 100)).filter(({ id }) =>
        made.some((task) => task.id === id),
      );
      expect(order.every(({ status }) => status === 'needs_input')).toBe(true);
      expect((await port().findByStatus('needs_input', 2)).length).toBe(2);
      expect(await port().findByStatus('blocked', 0)).toEqual([]);
      expect(order.map(({ id }) => id)).toEqual([0, 3, 1, 2].map((n) => made[n]!.id));
    });

    it('searches literally and case-insensitively', async () => {
      const { id: repositoryId } = await get().repository();
      const task = await get().task({ repositoryId, title: 'Zebra 100% _x Über' });
      await get().task({ repositoryId, title: 'Zebra 1000 yx' });
      const search = async (q: string) =>
        (await port().list(listQuery({ q, filters: { repositoryId: [repositoryId] } }))).data.map(({ id }) => id);
      expect(await search('ZEBRA 100% _X')).toEqual([task.id]);
      expect(await search('Über')).toEqual([task.id]);
      expect(await search(String(task.number))).toContain(task.id);
      expect(await search("x' OR 1=1 --")).toEqual([]);
    });

    it('sorts priorities by urgency and rejects unknown fields', async () => {
      const { id: repositoryId } = await get().repository();
      for (const priority of ['normal', 'urgent', 'low', 'high'] as const) await get().task({ repositoryId, priority });
      const filters = { repositoryId: [repositoryId], status: ['new', 'done'] };
      const { data } = await port().list(listQuery({ sort: 'priority', order: 'DESC', filters }));
      expect(data.map(({ priority }) => priority)).toEqual(['urgent', 'high', 'normal', 'low']);
      await expect(port().list(listQuery({ sort: 'password' }))).rejects.toThrow(InvalidError);
      await expect(port().list(listQuery({ filters: { title: ['x'] } }))).rejects.toThrow(InvalidError);
    });

    it('counts tasks by status', async () => {
      const before = (await port().countByStatus())['needs_input'] ?? 0;
      await get().task({ status: 'needs_input' });
      expect((await port().countByStatus())['needs_input']).toBe(before + 1);
    });

    it('is deleted with its runs and comments', async () => {
      const run = await get().run();
      const { CommentRepository: comments, RunRepository: runs } = get().repositories;
      await comments.insert(aComment({ taskId: run.taskId }));
      await port().delete(run.taskId);
      expect(await runs.findById(run.id)).toBeNull();
      expect((await comments.list(listQuery({ filters: { taskId: [run.taskId] } }))).total).toBe(0);
    });
  });
}

/** The contract of CommentRepository. */
export function commentContract(name: string, make: MakeRepositories): void {
  describePort('CommentRepository', name, make, (get) => {
    const port = () => get().repositories.CommentRepository;

    it('lists the comments of a task, oldest first', async () => {
      const { id: taskId } = await get().task();
      const second = await port().insert(aComment({ taskId, createdAt: LATER }));
      const first = await port().insert(aComment({ taskId }));
      const { data } = await port().list(listQuery({ filters: { taskId: [taskId] } }));
      expect(data).toEqual([first, second]);
      expect(await port().findLatest(taskId, 5)).toEqual([first, second]);
      expect(await port().findLatest(taskId, 1)).toEqual([second]);
      expect(await port().findById(first.id)).toEqual(first);
      expect(await port().findById('unknown')).toBeNull();
    });

    it('can be edited and deleted', async () => {
      const { id: taskId } = await get().task();
      const comment = await port().insert(aComment({ taskId, trusted: false, authorId: randomUUID() }));
      const patch = { body: '', deletedAt: LATER, updatedAt: LATER };
      expect(await port().update(comment.id, patch)).toEqual({ ...comment, ...patch });
      expect(await port().findById(comment.id)).toEqual({ ...comment, ...patch });
      await expect(port().update('none', patch)).rejects.toThrow(NotFoundError);
    });

    it('stores a comment with an idempotency key once', async () => {
      const { id: taskId } = await get().task();
      const comment = () => aComment({ taskId, idempotencyKey: `key ${taskId}`, authorKind: 'teko' });
      const stored = await Promise.all([1, 2, 3].map(() => port().insert(comment())));
      expect(new Set(stored.map(({ id }) => id)).size).toBe(1);
      expect((await port().list(listQuery({ filters: { taskId: [taskId] } }))).total).toBe(1);
    });

    it('rejects a comment on an unknown task', async () => {
      await expect(port().insert(aComment())).rejects.toThrow(NotFoundError);
    });
  });
}
