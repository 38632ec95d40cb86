import { LeaseLostError, type ForgePermission, type GitMirrors, type Repository, type User } from '@teko/domain';
import { AccessReader, AuditLog, Events, systemClock, TaskComments, uuids } from '@teko/platform';
import {
  aComment,
  aGateReport,
  aCommentLink,
  aRepository,
  aRepositoryGrant,
  aRun,
  aTask,
  aUser,
  anAccount,
  InMemoryForge,
  inMemoryRepositories,
} from '@teko/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { Branches } from './branches.service';
import { Effects } from './effects.service';
import { FeedbackService, type ProvenResult } from './feedback.service';
import { PullRequests } from './pull-requests.service';
import { Requester } from './requester.service';

let rows: ReturnType<typeof inMemoryRepositories>;
let forge: InMemoryForge;
let permission: ForgePermission | null;
let files: Record<string, string>;
let feedback: FeedbackService;
let parents: Record<string, string>;
let user: User;

beforeEach(async () => {
  rows = inMemoryRepositories();
  forge = new InMemoryForge();
  permission = null;
  files = {};
  parents = {};
  forge.permissionOf = async () => permission;
  const mirrors = {
    diff: async () => ({ patch: '', truncated: false, files: [{ path: 'src/a.ts', additions: 1, deletions: 0 }] }),
    isAncestor: async (_id: string, ancestor: string, commit: string) => parents[commit] === ancestor,
    readFile: async (_id: string, _commit: string, path: string) => files[path] ?? null,
  } as unknown as GitMirrors;
  const bus = { publish: async () => {}, subscribe: () => () => {}, close: async () => {} };
  const events = new Events(rows.EventRepository, bus);
  const access = new AccessReader(rows.RoleRepository, rows.RepositoryGrantRepository);
  feedback = new FeedbackService(
    new Branches(forge, mirrors),
    mirrors,
    rows.ChangeRepository,
    rows.CommentRepository,
    rows.CommentLinkRepository,
    new Effects(rows.EffectRepository, systemClock, uuids, new AuditLog(rows.AuditLogEntryRepository, systemClock)),
    new PullRequests(forge, mirrors, { TEKO_URL: 'https://teko.test' }),
    systemClock,
    uuids,
    events,
    new Requester(rows.UserRepository, rows.AccountRepository, forge, access),
    new TaskComments(rows.CommentRepository, rows.CommentLinkRepository, systemClock, uuids, events),
  );
  user = aUser({ name: 'Ada', roles: ['developer'] });
  await rows.UserRepository.insert(user);
});

const leaseHeld = async () => undefined;

const pushed = () => forge.actions.filter((what) => what.startsWith('push '));

async function result(createdById: string | null, on: Partial<Repository> = {}): Promise<ProvenResult> {
  const repository = aRepository({ name: 'shop', ...on });
  await rows.RepositoryRepository.insert(repository);
  const task = await rows.TaskRepository.insert(
    aTask({ repositoryId: repository.id, createdById, issueNumber: on.forge === 'github' ? 7 : null }),
  );
  const run = await rows.RunRepository.insert(aRun({ repositoryId: repository.id, taskId: task.id }));
  const gate = aGateReport({ reason: 'All pass.' });
  return {
    run,
    task,
    repository,
    gate,
    headCommit: 'a'.repeat(40),
    continued: null,
    leftOut: [],
    report: { title: 'Fix', summary: '' },
    replies: [],
  };
}

describe('delivery', () => {
  it('applies each effect once and records it in the audit log', async () => {
    const proven = await result(user.id);
    await feedback.deliver(proven, leaseHeld);
    await feedback.deliver(proven, leaseHeld);
    expect(pushed()).toHaveLength(1);
    const entries = await rows.AuditLogEntryRepository.findAfter(0, 10);
    expect(entries.map(({ action, actorName, subjectId }) => [action, actorName, subjectId])).toEqual(
      ['push', 'change', 'comment'].map((kind) => [`effects.${kind}`, 'Teko', proven.run.id]),
    );
    expect(entries[0]!.after).toMatchObject({ branch: Object.keys(forge.branches)[0] });
  });

  it('stops as soon as the worker has lost the run', async () => {
    const proven = await result(user.id);
    let checks = 0;
    const leaseLost = async () => {
      if (++checks > 1) throw new LeaseLostError(proven.run.id);
    };
    await expect(feedback.deliver(proven, leaseLost)).rejects.toThrow(LeaseLostError);
    expect(pushed()).toHaveLength(1);
    expect((await rows.EffectRepository.findByRun(proven.run.id)).map(({ kind }) => kind)).toEqual(['push']);
    expect(await rows.ChangeRepository.findByRun(proven.run.id)).toBeNull();
    // The worker that holds the run now continues and repeats nothing.
    await feedback.deliver(proven, leaseHeld);
    expect(pushed()).toHaveLength(1);
    expect(await rows.ChangeRepository.findByRun(proven.run.id)).not.toBeNull();
  });

  it('needs no permission if there is no requester', async () => {
    await feedback.deliver(await result(null), leaseHeld);
    expect(pushed()).toHaveLength(1);
  });

  it('accepts a grant for the repository alone', async () => {
    await rows.UserRepository.update(user.id, { roles: [] });
    const proven = await result(user.id);
    await expect(feedback.deliver(proven, leaseHeld)).rejects.toThrow('Ada is no longer allowed to change shop');
    const grant = aRepositoryGrant({ userId: user.id, repositoryId: proven.repository.id, role: 'developer' });
    await rows.RepositoryGrantRepository.insert(grant);
    await feedback.deliver(proven, leaseHeld);
    expect(pushed()).toHaveLength(1);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['lost the role', () => rows.UserRepository.update(user.id, { roles: ['viewer'] })],
    ['was disabled', () => rows.UserRepository.update(user.id, { disabled: true })],
    ['was deleted', () => rows.UserRepository.delete(user.id)],
  ])('is refused if the requester %s in the meantime', async (_case, change) => {
    const proven = await result(user.id);
    await change();
    await expect(feedback.deliver(proven, leaseHeld)).rejects.toMatchObject({ code: 'forbidden' });
    expect(pushed()).toEqual([]);
    expect(await rows.AuditLogEntryRepository.findAfter(0, 10)).toEqual([]);
  });

  it.each<[ForgePermission | null, boolean]>([
    ['none', false],
    ['read', false],
    ['write', true],
    ['admin', true],
    [null, true],
  ])('checks the linked account too: permission %s on the forge', async (given, allowed) => {
    await rows.AccountRepository.insert(anAccount({ userId: user.id, login: 'ada' }));
    permission = given;
    const proven = await result(user.id, { forge: 'github' });
    const outcome = feedback.deliver(proven, leaseHeld).then(
      () => true,
      (error: Error) => error.message,
    );
    expect(await outcome).toBe(allowed || 'ada does not have write access to shop on the forge.');
    expect(pushed()).toHaveLength(allowed ? 1 : 0);
  });
});

describe('pull requests', () => {
  const onGithub = { forge: 'github', forgeName: 'octo/shop', intakeLabel: 'teko' } as const;

  it('describe the change and its evidence, request reviews from the owners and neutralise the text of the model', async () => {
    files['CODEOWNERS'] = '* @octo/all\n/src/ @grace\n';
    files['.github/pull_request_template.md'] = '- [ ] I have read the rules';
    permission = 'write';
    const proven = await result(user.id, onGithub);
    const report = {
      title: 'Correct the answer for @octocat',
      summary: 'It was 41. Fixes #99.',
      notDone: 'The docs.',
      criteria: [{ criterion: 'The answer is 42', evidence: 'test_answer passes' }],
    };
    await feedback.deliver({ ...proven, report }, leaseHeld);
    const change = (await rows.ChangeRepository.findByRun(proven.run.id))!;
    expect(change).toMatchObject({ status: 'open', pullRequestNumber: 100, url: forge.pullRequests[0]!.url });
    expect(change.body).toContain(`[run ${proven.run.number}](https://teko.test/#/runs/${proven.run.id}/show)`);
    expect(change.body).toContain('Closes #7.');
    expect(change.body).toMatch(/## Summary[\s\S]*## How it was tested[\s\S]*## Acceptance criteria[\s\S]*## Not done/);
    expect(change.body).toContain('- [ ] I have read the rules');
    expect(change.body).not.toContain('Fixes #99');
    expect(change.title).not.toContain('@octocat');
    expect(forge.actions.filter((what) => what.startsWith('label'))).toEqual(['label 100 teko,grace']);
  });

  it('are opened once, even if the response of the forge was lost', async () => {
    permission = 'write';
    const proven = await result(user.id, onGithub);
    await rows.EffectRepository.begin({
      ...{ id: 'e', key: `run:${proven.run.id}:push`, runId: proven.run.id, kind: 'push', status: 'done' },
      ...{ request: {}, result: { branch: 'teko/1-x' }, error: null, createdAt: new Date(), updatedAt: new Date() },
    });
    forge.failNext = 'after';
    await expect(feedback.deliver(proven, leaseHeld)).rejects.toThrow('the response was lost');
    await feedback.deliver(proven, leaseHeld);
    expect(forge.pullRequests).toHaveLength(1);
    expect((await rows.ChangeRepository.findByRun(proven.run.id))!.pullRequestNumber).toBe(100);
  });

  it('are not opened for unfinished work if its rule says so', async () => {
    permission = 'write';
    const branch = await feedback.saveUnfinished(
      { ...(await result(user.id, onGithub)), opensDraft: false },
      leaseHeld,
    );
    expect(pushed()).toEqual([expect.stringContaining(branch)]);
    expect(forge.pullRequests).toEqual([]);
  });

  it('with unfinished work are drafts until a run proves the work', async () => {
    permission = 'write';
    const proven = await result(user.id, onGithub);
    const branch = await feedback.saveUnfinished({ ...proven, opensDraft: true }, leaseHeld);
    expect(forge.pullRequests).toMatchObject([{ isDraft: true, headBranch: branch }]);
    const { task, repository } = proven;
    const next = await rows.RunRepository.insert(aRun({ repositoryId: repository.id, taskId: task.id }));
    const basedOn = { version: 1, outcome: 'turn_limit', turns: 1, verdict: null, failing: [], branch } as const;
    const commits = { baseCommit: proven.run.baseCommit!, headCommit: proven.headCommit };
    const continued = { ...basedOn, ...commits, failing: [] };
    parents['b'.repeat(40)] = proven.headCommit;
    await feedback.deliver({ ...proven, run: next, headCommit: 'b'.repeat(40), continued }, leaseHeld);
    expect(forge.pullRequests).toMatchObject([{ isDraft: false, headBranch: branch }]);
    const query = { page: 1, perPage: 9, sort: 'number', order: 'ASC', filters: { taskId: [task.id] } } as const;
    const { data } = await rows.ChangeRepository.list({ ...query, filters: { taskId: [task.id] } });
    expect(data).toMatchObject([{ status: 'open', headCommit: 'b'.repeat(40), runId: next.id }]);
  });

  it('get one reply in each thread that the run addressed', async () => {
    permission = 'write';
    const proven = await result(user.id, onGithub);
    const { run, task, repository } = proven;
    for (const [threadId, id] of [
      ['t1', 'a'],
      ['t1', 'b'],
      ['t2', 'c'],
    ] as const) {
      const comment = aComment({ id, taskId: task.id, runId: run.id });
      const place = { kind: 'review_comment', number: 100, externalId: id, threadId } as const;
      const link = aCommentLink({ commentId: id, taskId: task.id, repositoryId: repository.id, ...place });
      await rows.CommentLinkRepository.insertWithComment(comment, { ...link, origin: 'external' });
    }
    const replies = [{ threadId: 't1', body: 'Done as you suggested.' }];
    await feedback.deliver({ ...proven, replies }, leaseHeld);
    await feedback.deliver({ ...proven, replies }, leaseHeld);
    const links = (await rows.CommentLinkRepository.findByTask(task.id)).filter(({ origin }) => origin === 'teko');
    const posted = await Promise.all(links.map(async ({ commentId }) => rows.CommentRepository.findById(commentId)));
    expect(links.map(({ threadId }, i) => [threadId, posted[i]!.body])).toEqual([
      ['t1', 'Done as you suggested.'],
      ['t2', `Addressed in ${proven.headCommit.slice(0, 12)}.`],
    ]);
  });
});
