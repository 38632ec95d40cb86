import { randomUUID } from 'node:crypto';
import { ConflictError, IllegalTransitionError, LeaseLostError, NotFoundError, type Task } from '@teko/domain';
import { expect, it } from 'vitest';
import { aRun, BUILT_AT as NOW } from '../builders';
import { describePort, listQuery, type MakeRepositories } from './fixture';

const LATER = new Date(NOW.getTime() + 60_000);
const TTL = 30_000;

/** The contract of RunRepository. */
export function runContract(name: string, make: MakeRepositories): void {
  describePort('RunRepository', name, make, (get) => {
    const port = () => get().repositories.RunRepository;
    const claimed = async (owner = 'worker') => (await port().claim((await get().run()).id, owner, NOW, TTL))!;

    it('numbers concurrent runs and returns them unchanged', async () => {
      const { id: taskId, repositoryId } = await get().task();
      const made = await Promise.all(
        Array.from({ length: 8 }, () => port().insert(aRun({ taskId, repositoryId, costMicros: 9_000_000_000 }))),
      );
      expect(new Set(made.map(({ number }) => number)).size).toBe(8);
      const ordered = [...made].sort((a, b) => a.number - b.number);
      expect(await port().findByTask(taskId)).toEqual(ordered);
      expect(await port().findById(made[0]!.id)).toEqual(made[0]);
      await expect(port().insert(aRun())).rejects.toThrow(NotFoundError);
    });

    it('queues a task together with its run once', async () => {
      const task = await get().task({ status: 'analysed' });
      const insert = () => port().insertForTask(aRun({ taskId: task.id, repositoryId: task.repositoryId }), 'analysed');
      const made = await Promise.all([insert(), insert(), insert()]);
      expect(made.filter(Boolean)).toHaveLength(1);
      expect((await get().repositories.TaskRepository.findById(task.id))?.status).toBe('queued');
      expect(await port().findByTask(task.id)).toHaveLength(1);
    });

    it('creates one run per trigger, also concurrently, and does not change other tasks', async () => {
      const triggerKey = `github:${randomUUID()}`;
      const tasks = [];
      for (let n = 0; n < 3; n++) tasks.push(await get().task({ status: 'analysed' }));
      const insert = ({ id: taskId, repositoryId }: Task) =>
        port().insertForTask(aRun({ taskId, repositoryId, triggerKey }), 'analysed');
      const results = await Promise.all(tasks.map(insert));
      const [made] = results.filter((run) => run !== null);
      expect(results.filter(Boolean)).toHaveLength(1);
      expect(await port().findByTrigger(triggerKey)).toEqual(made);
      expect(await port().findByTrigger('none')).toBeNull();
      const other = tasks.find(({ id }) => id !== made!.taskId)!;
      expect(await insert(other)).toBeNull();
      const statuses = tasks.map(async ({ id }) => (await get().repositories.TaskRepository.findById(id))?.status);
      expect((await Promise.all(statuses)).sort()).toEqual(['analysed', 'analysed', 'queued']);
      const again = aRun({ taskId: other.id, repositoryId: other.repositoryId, triggerKey });
      await expect(port().insert(again)).rejects.toThrow(ConflictError);
    });

    it('does not change the task if the run cannot be stored', async () => {
      const taken = await get().run();
      const task = await get().task({ status: 'analysed' });
      const again = aRun({ id: taken.id, taskId: task.id, repositoryId: task.repositoryId });
      await expect(port().insertForTask(again, 'analysed')).rejects.toMatchObject({ code: 'conflict' });
      expect((await get().repositories.TaskRepository.findById(task.id))?.status).toBe('analysed');
    });

    it('returns queued runs by priority, then oldest first', async () => {
      const { id: taskId } = await get().task();
      const made = [];
      for (const priority of [1000, 1002, 1000, 1001]) made.push(await get().run({ taskId, priority }));
      const [a, b, c, d] = made.map(({ id }) => id);
      expect((await port().findQueued(4)).map(({ id }) => id)).toEqual([b, d, a, c]);
      await Promise.all(made.map(({ id }) => port().requestCancel(id, NOW)));
    });

    it('leases a queued run to one worker', async () => {
      const run = await get().run();
      const claims = await Promise.all(['a', 'b', 'c'].map((owner) => port().claim(run.id, owner, NOW, TTL)));
      const won = claims.filter((claim) => claim !== null);
      expect(won).toHaveLength(1);
      expect(won[0]!.run).toMatchObject({ status: 'running', startedAt: NOW, leaseOwner: won[0]!.lease.owner });
      expect(await port().claim(run.id, 'd', NOW, TTL)).toBeNull();
      expect(await port().claim('none', 'd', NOW, TTL)).toBeNull();
    });

    it('leases a run to another worker after the lease expired and rejects writes of the first one', async () => {
      const { run, lease } = await claimed('late');
      const next = await port().claim(run.id, 'next', LATER, TTL);
      expect(next!.lease.token).toBe(lease.token + 1);
      expect(next!.run.startedAt).toEqual(NOW);
      await expect(port().updateLeased(lease, { phase: 'x' })).rejects.toThrow(LeaseLostError);
      await expect(port().release(lease, { status: 'failed' })).rejects.toThrow(LeaseLostError);
      await expect(port().addUsage(lease, { inputTokens: 1, outputTokens: 1, costMicros: 1 })).rejects.toThrow(
        LeaseLostError,
      );
      expect(await port().renew(lease, LATER, TTL)).toBe(false);
      expect(await port().renew(next!.lease, LATER, TTL)).toBe(true);
    });

    it('extends a lease', async () => {
      const { run, lease } = await claimed();
      expect(await port().renew(lease, LATER, TTL)).toBe(true);
      expect(await port().claim(run.id, 'other', LATER, TTL)).toBeNull();
    });

    it('writes with a lease and releases it', async () => {
      const { run, lease } = await claimed();
      expect(await port().updateLeased(lease, { phase: 'gate', turns: 3 })).toMatchObject({ phase: 'gate', turns: 3 });
      await expect(port().updateLeased(lease, { status: 'queued' })).rejects.toThrow(IllegalTransitionError);
      const ended = await port().release(lease, { status: 'succeeded', outcome: 'gate_green', finishedAt: LATER });
      expect(ended).toMatchObject({ status: 'succeeded', leaseOwner: null, leaseExpiresAt: null, finishedAt: LATER });
      expect(await port().findById(run.id)).toEqual(ended);
      await expect(port().updateLeased(lease, { turns: 4 })).rejects.toThrow(LeaseLostError);
    });

    it('adds up concurrent usage; an unknown price makes the total unknown', async () => {
      const { run, lease } = await claimed();
      const usage = { inputTokens: 5, outputTokens: 2, costMicros: 3_000_000_000 };
      await Promise.all(Array.from({ length: 6 }, () => port().addUsage(lease, usage)));
      expect(await port().findById(run.id)).toMatchObject({
        inputTokens: 30,
        outputTokens: 12,
        costMicros: 18_000_000_000,
      });
      await port().addUsage(lease, { ...usage, costMicros: null });
      await port().addUsage(lease, usage);
      expect(await port().findById(run.id)).toMatchObject({ inputTokens: 40, costMicros: null });
    });

    it('requeues runs with expired leases and runs of dead workers', async () => {
      const dead = await claimed('dead');
      const alive = await claimed('alive');
      expect(await port().leaseOwners()).toEqual(expect.arrayContaining(['dead', 'alive']));
      expect(await port().requeueExpired(NOW, [])).not.toContain(dead.run.id);
      expect(await port().requeueExpired(NOW, ['dead'])).toContain(dead.run.id);
      expect(await port().findById(dead.run.id)).toMatchObject({ status: 'queued', leaseOwner: null });
      expect(await port().findById(alive.run.id)).toMatchObject({ status: 'running' });
      expect(await port().renew(dead.lease, NOW, TTL)).toBe(false);
      expect((await port().claim(dead.run.id, 'dead', NOW, TTL))!.lease.token).toBe(dead.lease.token + 1);
      expect(await port().requeueExpired(LATER, [])).toEqual(expect.arrayContaining([dead.run.id, alive.run.id]));
    });

    it('counts a worker death if a lease expires or its owner is dead, and none if the worker gave the run back', async () => {
      const { run, lease } = await claimed('first');
      const deaths = async () => (await port().findById(run.id))?.workerDeaths;
      await port().reportAlive(lease);
      expect(await deaths()).toBe(0);
      await port().release(lease, { status: 'interrupted' });
      expect(await port().requeueExpired(NOW, [])).toContain(run.id);
      expect(await deaths()).toBe(0);
      await port().claim(run.id, 'second', NOW, TTL);
      expect(await port().requeueExpired(NOW, ['second'])).toContain(run.id);
      expect(await port().requeueExpired(NOW, ['second'])).not.toContain(run.id);
      expect(await deaths()).toBe(1);
      await port().claim(run.id, 'third', NOW, TTL);
      expect(await port().requeueExpired(LATER, [])).toContain(run.id);
      expect(await deaths()).toBe(2);
      await port().claim(run.id, 'fourth', NOW, TTL);
      expect((await port().claim(run.id, 'fifth', LATER, TTL))!.run.workerDeaths).toBe(3);
    });

    it('takes back the death of a worker that is alive', async () => {
      const { run, lease } = await claimed('slow');
      const deaths = async () => (await port().findById(run.id))?.workerDeaths;
      await port().requeueExpired(LATER, []);
      await port().reportAlive(lease);
      expect(await deaths()).toBe(0);
      const second = await port().claim(run.id, 'slow', NOW, TTL);
      await port().claim(run.id, 'other', LATER, TTL);
      await port().reportAlive(second!.lease);
      expect(await deaths()).toBe(0);
      await port().reportAlive(second!.lease);
      expect(await deaths()).toBe(0);
    });

    it('cancels a queued run, marks a running one and rejects a finished one', async () => {
      const queued = await get().run();
      expect(await port().requestCancel(queued.id, NOW)).toMatchObject({
        status: 'cancelled',
        outcome: 'cancelled',
        finishedAt: NOW,
      });
      expect(await port().claim(queued.id, 'a', NOW, TTL)).toBeNull();
      const { run } = await claimed();
      expect(await port().requestCancel(run.id, LATER)).toMatchObject({ status: 'running', cancelRequestedAt: LATER });
      await expect(port().requestCancel(queued.id, NOW)).rejects.toThrow(IllegalTransitionError);
      await expect(port().requestCancel('none', NOW)).rejects.toThrow(NotFoundError);
    });

    it('requeues a waiting run once and adds its wait time', async () => {
      const { run, lease } = await claimed();
      await port().release(lease, { status: 'waiting' });
      const waiting = (await port().findById(run.id))!;
      expect((await port().findWaiting(1000)).map(({ id }) => id)).toContain(run.id);
      const later = new Date(waiting.updatedAt.getTime() + 5000);
      const resumed = await Promise.all([port().resume(run.id, later), port().resume(run.id, later)]);
      expect(resumed.filter(Boolean)).toMatchObject([{ status: 'queued', waitedMs: 5000 }]);
      expect((await port().findWaiting(1000)).map(({ id }) => id)).not.toContain(run.id);
    });

    it('returns the oldest queued run per repository and priority, and the number of active runs', async () => {
      const first = await get().run({ priority: 20 });
      const { taskId, repositoryId } = first;
      await get().run({ taskId, repositoryId, priority: 20 });
      const urgent = await get().run({ taskId, repositoryId, priority: 40, queuedAt: LATER });
      const other = await get().run({ priority: 20 });
      const { run } = await claimed();
      const { heads, activeRuns } = await port().queueHeads('implementation');
      const mine = heads.filter((head) => [repositoryId, other.repositoryId].includes(head.repositoryId));
      const headOf = ({ repositoryId: id, requestedById: userId, priority, number, queuedAt }: typeof first) => {
        return { repositoryId: id, userId, priority, number, queuedAt };
      };
      expect(mine).toHaveLength(3);
      expect(mine).toEqual(expect.arrayContaining([headOf(first), headOf(urgent), headOf(other)]));
      expect(activeRuns.repositories[run.repositoryId]).toBe(1);
      expect(activeRuns.repositories[repositoryId]).toBeUndefined();
      const reviews = await port().queueHeads('review');
      expect(reviews.heads.filter((head) => head.repositoryId === repositoryId)).toEqual([]);
      expect(await port().findByNumber(urgent.number)).toEqual(urgent);
    });

    it('finds running runs, and runs finished since a time', async () => {
      const { run } = await claimed();
      expect((await port().findRunning()).map(({ id }) => id)).toContain(run.id);
      const far = (minutes: number) => new Date(Date.UTC(2091, 0, 1, 0, minutes));
      const ended = [];
      for (const minutes of [1, 2, 3]) ended.push(await get().run({ status: 'failed', finishedAt: far(minutes) }));
      expect((await port().findFinishedSince(far(2), 10)).map(({ id }) => id)).toEqual([ended[2]!.id, ended[1]!.id]);
      expect(await port().findFinishedSince(far(1), 1)).toHaveLength(1);
    });

    it('lists and counts runs', async () => {
      const run = await get().run({ finishedAt: LATER });
      const early = await get().run({ taskId: run.taskId });
      const { data, total } = await port().list(
        listQuery({ sort: 'finishedAt', filters: { taskId: [run.taskId], status: ['queued'] } }),
      );
      expect(total).toBe(2);
      expect(data.map(({ id }) => id)).toEqual([early.id, run.id]);
      expect((await port().countByStatus())['queued']).toBeGreaterThanOrEqual(2);
    });
  });
}
