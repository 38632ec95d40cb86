import { randomUUID } from 'node:crypto';
import { ConflictError, LeaseLostError, NotFoundError } from '@teko/domain';
import { expect, it } from 'vitest';
import { aChange, aFinding, anApproval, anEffect, aModelCall, aStep, BUILT_AT } from '../builders';
import { describePort, listQuery, type MakeRepositories } from './fixture';

const LATER = new Date(BUILT_AT.getTime() + 60_000);

/** The contract of StepRepository. */
export function stepContract(name: string, make: MakeRepositories): void {
  describePort('StepRepository', name, make, (get) => {
    const port = () => get().repositories.StepRepository;

    it('numbers the steps of a run, also concurrent ones', async () => {
      const { id: runId } = await get().run();
      await Promise.all(Array.from({ length: 6 }, () => port().begin(aStep({ runId }))));
      expect((await port().findByRun(runId)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    });

    it('returns the stored step if it is begun again', async () => {
      const { id: runId } = await get().run();
      const first = await port().begin(aStep({ runId, key: 'Turn 1' }));
      const output = 'x'.repeat(100_000);
      const patch = { status: 'done' as const, output, data: { exitCode: 0 }, finishedAt: LATER };
      const done = await port().finish(first.id, patch, null);
      expect(await port().begin(aStep({ runId, key: 'Turn 1' }))).toEqual(done);
      expect((await port().begin(aStep({ runId, key: 'turn 1' }))).seq).toBe(2);
      expect(await port().findByKey(runId, 'Turn 1')).toEqual(done);
      expect(await port().findById(first.id)).toEqual(done);
      expect(await port().findByKey(runId, 'none')).toBeNull();
    });

    it('can be finished only by the worker with the current lease of the run', async () => {
      const { id: runId } = await get().run();
      const runs = get().repositories.RunRepository;
      const early = (await runs.claim(runId, 'early', new Date(0), 1_000))!.lease;
      const step = await port().begin(aStep({ runId }));
      const next = (await runs.claim(runId, 'next', new Date(60_000), 1_000))!.lease;
      const patch = { status: 'done' as const, output: null, data: null, finishedAt: LATER };
      await expect(port().finish(step.id, patch, early)).rejects.toThrow(LeaseLostError);
      expect(await port().finish(step.id, patch, next)).toMatchObject({ status: 'done' });
    });

    it('rejects unknown steps and runs', async () => {
      const patch = { status: 'done' as const, output: null, data: null, finishedAt: LATER };
      await expect(port().finish('none', patch, null)).rejects.toThrow(NotFoundError);
      await expect(port().begin(aStep())).rejects.toThrow(NotFoundError);
    });
  });
}

/** The contract of ChangeRepository. */
export function changeContract(name: string, make: MakeRepositories): void {
  describePort('ChangeRepository', name, make, (get) => {
    const port = () => get().repositories.ChangeRepository;

    it('stores one numbered change per run', async () => {
      const { id: runId, taskId, repositoryId } = await get().run();
      const change = () => aChange({ runId, taskId, repositoryId });
      const made = await Promise.all([port().insert(change()), port().insert(change())]);
      expect(made[1]).toEqual(made[0]);
      const other = await port().insert(aChange({ runId: (await get().run()).id }));
      expect(other.number).toBe(made[0].number + 1);
      expect(await port().findByRun(runId)).toEqual(made[0]);
      expect(await port().findById(other.id)).toEqual(other);
    });

    it('updates and lists changes', async () => {
      const { id: runId, taskId, repositoryId } = await get().run();
      const change = await port().insert(aChange({ runId, taskId, repositoryId }));
      const merged = await port().update(change.id, { status: 'merged' });
      expect(merged).toEqual({ ...change, status: 'merged' });
      const query = listQuery({ sort: 'number', filters: { taskId: [taskId], status: ['merged'] } });
      expect(await port().list(query)).toEqual({ data: [merged], total: 1 });
      await expect(port().update('none', {})).rejects.toThrow(NotFoundError);
    });

    it('finds changes by task and by pull request', async () => {
      const { id: taskId, repositoryId } = await get().task();
      const made = [];
      for (const more of [
        { status: 'open', pullRequestNumber: 6, url: 'https://forge/6' },
        { status: 'draft', pullRequestNumber: 7 },
        { status: 'open', pullRequestNumber: null },
        { status: 'merged', pullRequestNumber: 8 },
        { status: 'closed', pullRequestNumber: 8 },
      ] as const) {
        const { id: runId } = await get().run({ taskId, repositoryId });
        made.push(await port().insert(aChange({ runId, taskId, repositoryId, ...more })));
      }
      const [open, draft, unpulled, , closed] = made;
      expect(await port().findOpenByTask(taskId)).toEqual(unpulled);
      expect(await port().findWithOpenPullRequest(repositoryId)).toEqual([open, draft]);
      expect(await port().findByPullRequest(repositoryId, 6)).toEqual(open);
      expect(await port().findByPullRequest(repositoryId, 8), 'the newest').toEqual(closed);
      expect(await port().findByPullRequest(randomUUID(), 6)).toBeNull();
      expect(await port().findOpenByTask(randomUUID())).toBeNull();
    });
  });
}

/** The contract of FindingRepository. */
export function findingContract(name: string, make: MakeRepositories): void {
  describePort('FindingRepository', name, make, (get) => {
    const port = () => get().repositories.FindingRepository;
    const listOf = (runId: string) => port().list(listQuery({ sort: 'severity', filters: { runId: [runId] } }));

    it('replaces all findings of a run and sorts them by severity', async () => {
      const { id: runId } = await get().run();
      await port().replaceForRun(runId, [aFinding({ runId })]);
      const severities = ['high', 'info', 'critical', 'medium', 'low'] as const;
      await port().replaceForRun(
        runId,
        severities.map((severity) => aFinding({ runId, severity })),
      );
      const { data, total } = await listOf(runId);
      expect(total).toBe(5);
      expect(data.map(({ severity }) => severity)).toEqual(['info', 'low', 'medium', 'high', 'critical']);
      await port().replaceForRun(runId, []);
      expect((await listOf(runId)).total).toBe(0);
    });

    it('keeps the old findings if the new ones cannot be stored', async () => {
      const { id: runId } = await get().run();
      const old = aFinding({ runId });
      await port().replaceForRun(runId, [old]);
      const twice = aFinding({ runId });
      await expect(port().replaceForRun(runId, [twice, twice])).rejects.toThrow(ConflictError);
      expect((await listOf(runId)).data).toEqual([old]);
    });

    it('updates the status of a finding', async () => {
      const { id: runId } = await get().run();
      const finding = aFinding({ runId });
      await port().replaceForRun(runId, [finding]);
      expect(await port().update(finding.id, { status: 'dismissed' })).toEqual({ ...finding, status: 'dismissed' });
      expect((await port().findById(finding.id))?.status).toBe('dismissed');
      await expect(port().update('none', { status: 'open' })).rejects.toThrow(NotFoundError);
    });
  });
}

/** The contract of ModelCallRepository. */
export function modelCallContract(name: string, make: MakeRepositories): void {
  describePort('ModelCallRepository', name, make, (get) => {
    const port = () => get().repositories.ModelCallRepository;

    it('returns the stored call if it is begun again', async () => {
      const { id: runId } = await get().run();
      const first = await port().begin(aModelCall({ runId, key: 'turn 1' }));
      const usage = { input: 10, cacheRead: 4, cacheWrite: 0, output: 2 };
      const reply = { content: 'Done 🎉', toolCalls: [], usage, stopReason: 'stop' as const };
      await port().finish(first.id, { status: 'done', reply, costMicros: 12, finishedAt: LATER }, null);
      const done = { ...first, status: 'done', reply, costMicros: 12, finishedAt: LATER };
      expect(await port().begin(aModelCall({ runId, key: 'turn 1' }))).toEqual(done);
      expect(await port().findByKey(runId, 'turn 1')).toEqual(done);
      await port().finish(first.id, { status: 'failed', reply: null }, null);
      expect(await port().findByKey(runId, 'turn 1'), 'a reply is not overwritten').toEqual(done);
      await expect(port().finish('none', {}, null)).rejects.toThrow(NotFoundError);
    });

    it('can be finished only by the worker with the current lease of the run', async () => {
      const { id: runId } = await get().run();
      const runs = get().repositories.RunRepository;
      const early = (await runs.claim(runId, 'early', new Date(0), 1_000))!.lease;
      const call = await port().begin(aModelCall({ runId, key: 'turn 1' }));
      const next = (await runs.claim(runId, 'next', new Date(60_000), 1_000))!.lease;
      await expect(port().finish(call.id, { status: 'failed' }, early)).rejects.toThrow(LeaseLostError);
      await port().finish(call.id, { status: 'failed' }, next);
      expect(await port().findByKey(runId, 'turn 1')).toMatchObject({ status: 'failed' });
    });

    it('returns the calls of a run in order', async () => {
      const { id: runId } = await get().run();
      const second = await port().begin(aModelCall({ runId, createdAt: LATER }));
      const first = await port().begin(aModelCall({ runId }));
      expect(await port().findByRun(runId)).toEqual([first, second]);
      expect(await port().findByKey(runId, 'none')).toBeNull();
    });
  });
}

/** The contract of EffectRepository. */
export function effectContract(name: string, make: MakeRepositories): void {
  describePort('EffectRepository', name, make, (get) => {
    const port = () => get().repositories.EffectRepository;

    it('stores an effect once, also concurrently', async () => {
      const { id: runId } = await get().run();
      const begin = () => port().begin(anEffect({ runId, key: `push:${runId}` }));
      const [one, two] = await Promise.all([begin(), begin()]);
      expect(two).toEqual(one);
      const patch = { status: 'done' as const, result: { commit: 'abc' }, error: null, updatedAt: LATER };
      await port().finish(one.id, patch);
      expect(await begin()).toEqual({ ...one, ...patch });
      expect(await port().findByRun(runId)).toEqual([{ ...one, ...patch }]);
      await expect(port().finish('none', patch)).rejects.toThrow(NotFoundError);
    });
  });
}

/** The contract of ApprovalRepository. */
export function approvalContract(name: string, make: MakeRepositories): void {
  describePort('ApprovalRepository', name, make, (get) => {
    const port = () => get().repositories.ApprovalRepository;
    const decision = {
      status: 'approved',
      decidedById: null,
      decidedByName: 'Ada',
      note: 'fine',
      decidedAt: BUILT_AT,
    } as const;

    it('is created once per subject and decided once', async () => {
      const { id: runId, taskId, repositoryId } = await get().run();
      const approval = anApproval({ runId, taskId, repositoryId });
      expect(await port().insert(approval)).toEqual(approval);
      expect(await port().insert({ ...approval, id: randomUUID() })).toEqual(approval);
      const decided = await Promise.all([1, 2, 3].map(() => port().decide(approval.id, decision)));
      expect(decided.filter(Boolean)).toHaveLength(1);
      expect(await port().findById(approval.id)).toEqual({ ...approval, ...decision });
      const later = anApproval({ runId, taskId, repositoryId, createdAt: new Date(BUILT_AT.getTime() + 1000) });
      await port().insert(later);
      expect((await port().findByRun(runId)).map(({ id }) => id)).toEqual([later.id, approval.id]);
      const pending = listQuery({ filters: { runId: [runId], status: ['pending'] }, within: [repositoryId] });
      expect((await port().list(pending)).data).toEqual([later]);
    });
  });
}
