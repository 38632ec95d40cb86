import { LeaseLostError, type Forge, type ForgeRight, type GateReport, type GitMirrors, type User } from '@teko/domain';
import { AccessReader, AuditLog, Events, systemClock, uuids } from '@teko/platform';
import { aRepository, aRepositoryGrant, aRun, aTask, aUser, anAccount, inMemoryRepositories } from '@teko/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { FeedbackService, type ProvenResult } from './feedback.service';
import { Requester } from './requester.service';

let rows: ReturnType<typeof inMemoryRepositories>;
let forge: Forge & { pushed: string[]; right: ForgeRight | null };
let feedback: FeedbackService;
let user: User;

beforeEach(async () => {
  rows = inMemoryRepositories();
  forge = {
    pushed: [],
    right: null,
    pushBranch: async (_repository, branch) => void forge.pushed.push(branch),
    branchCommit: async () => null,
    rightOf: async () => forge.right,
  };
  const mirrors = { diff: async () => ({ patch: '', truncated: false, files: [] }) } as unknown as GitMirrors;
  const bus = { publish: async () => {}, subscribe: () => () => {}, close: async () => {} };
  const access = new AccessReader(rows.RoleRepository, rows.RepositoryGrantRepository);
  feedback = new FeedbackService(
    forge,
    mirrors,
    rows.ChangeRepository,
    rows.CommentRepository,
    rows.EffectRepository,
    systemClock,
    uuids,
    new Events(rows.EventRepository, bus),
    new Requester(rows.UserRepository, rows.AccountRepository, forge, access),
    new AuditLog(rows.AuditEntryRepository, systemClock),
  );
  user = aUser({ name: 'Ada', roles: ['developer'] });
  await rows.UserRepository.insert(user);
});

const holds = async () => undefined;

async function result(createdById: string | null): Promise<ProvenResult> {
  const repository = aRepository({ name: 'shop' });
  await rows.RepositoryRepository.insert(repository);
  const task = await rows.TaskRepository.insert(aTask({ repositoryId: repository.id, createdById }));
  const run = await rows.RunRepository.insert(aRun({ repositoryId: repository.id, taskId: task.id }));
  const none = { newFailures: [], oldFailures: [], fixed: [], alteredTests: [], executions: [] };
  const gate: GateReport = { verdict: 'green', reason: 'All pass.', ...none };
  return { run, task, repository, gate, headCommit: 'a'.repeat(40), continued: null, title: 'Mend', summary: '' };
}

describe('what leaves Teko', () => {
  it('happens once, however often it is asked for, and stands in the audit log', async () => {
    const proven = await result(user.id);
    await feedback.deliver(proven, holds);
    await feedback.deliver(proven, holds);
    expect(forge.pushed).toHaveLength(1);
    const entries = await rows.AuditEntryRepository.after(0, 10);
    expect(entries.map(({ action, actorName, subjectId }) => [action, actorName, subjectId])).toEqual(
      ['push', 'change', 'comment'].map((kind) => [`effects.${kind}`, 'Teko', proven.run.id]),
    );
    expect(entries[0]!.after).toMatchObject({ branch: forge.pushed[0] });
  });

  it('does not happen for a worker that has lost the run, from that moment on', async () => {
    const proven = await result(user.id);
    let asked = 0;
    const lost = async () => {
      if (++asked > 1) throw new LeaseLostError(proven.run.id);
    };
    await expect(feedback.deliver(proven, lost)).rejects.toThrow(LeaseLostError);
    expect(forge.pushed).toHaveLength(1);
    expect((await rows.EffectRepository.findByRun(proven.run.id)).map(({ kind }) => kind)).toEqual(['push']);
    expect(await rows.ChangeRepository.findByRun(proven.run.id)).toBeNull();
    // Whoever has the run now goes on and does nothing twice.
    await feedback.deliver(proven, holds);
    expect(forge.pushed).toHaveLength(1);
    expect(await rows.ChangeRepository.findByRun(proven.run.id)).not.toBeNull();
  });

  it('needs no requester where nobody asked', async () => {
    await feedback.deliver(await result(null), holds);
    expect(forge.pushed).toHaveLength(1);
  });

  it('goes by the grant where the requester has one repository alone', async () => {
    await rows.UserRepository.update(user.id, { roles: [] });
    const proven = await result(user.id);
    await expect(feedback.deliver(proven, holds)).rejects.toThrow('Ada may not change shop any more');
    const grant = aRepositoryGrant({ userId: user.id, repositoryId: proven.repository.id, role: 'developer' });
    await rows.RepositoryGrantRepository.insert(grant);
    await feedback.deliver(proven, holds);
    expect(forge.pushed).toHaveLength(1);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['lost the role', () => rows.UserRepository.update(user.id, { roles: ['viewer'] })],
    ['was disabled', () => rows.UserRepository.update(user.id, { disabled: true })],
    ['was deleted', () => rows.UserRepository.delete(user.id)],
  ])('is refused when the requester %s meanwhile', async (_what, change) => {
    const proven = await result(user.id);
    await change();
    await expect(feedback.deliver(proven, holds)).rejects.toMatchObject({ code: 'forbidden' });
    expect(forge.pushed).toEqual([]);
    expect(await rows.AuditEntryRepository.after(0, 10)).toEqual([]);
  });

  it.each<[ForgeRight | null, boolean]>([
    ['none', false],
    ['read', false],
    ['write', true],
    ['admin', true],
    [null, true],
  ])('goes by the linked account too: %s on the forge', async (right, allowed) => {
    await rows.AccountRepository.insert(anAccount({ userId: user.id, login: 'ada' }));
    forge.right = right;
    const outcome = feedback.deliver(await result(user.id), holds).then(
      () => true,
      (error: Error) => error.message,
    );
    expect(await outcome).toBe(allowed || 'ada may not write to shop on the forge.');
    expect(forge.pushed).toHaveLength(allowed ? 1 : 0);
  });
});
