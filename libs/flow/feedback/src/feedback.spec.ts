import {
  LeaseLostError,
  type ForgePermission,
  type GateReport,
  type GitMirrors,
  type Repository,
  type User,
} from '@teko/domain';
import { AccessReader, AuditLog, Events, systemClock, TaskComments, uuids } from '@teko/platform';
import {
  aComment,
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
import { Effects } from './effects.service';
import { FeedbackService, type ProvenResult } from './feedback.service';
import { PullRequests } from './pull-requests.service';
import { Requester } from './requester.service';

let rows: ReturnType<typeof inMemoryRepositories>;
let forge: InMemoryForge;
let right: ForgePermission | null;
let files: Record<string, string>;
let feedback: FeedbackService;
let user: User;

beforeEach(async () => {
  rows = inMemoryRepositories();
  forge = new InMemoryForge();
  right = null;
  files = {};
  forge.permissionOf = async () => right;
  const mirrors = {
    diff: async () => ({ patch: '', truncated: false, files: [{ path: 'src/a.ts', additions: 1, deletions: 0 }] }),
    text: async (_id: string, _commit: string, path: string) => files[path] ?? null,
  } as unknown as GitMirrors;
  const bus = { publish: async () => {}, subscribe: () => () => {}, close: async () => {} };
  const events = new Events(rows.EventRepository, bus);
  const access = new AccessReader(rows.RoleRepository, rows.RepositoryGrantRepository);
  feedback = new FeedbackService(
    forge,
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

const holds = async () => undefined;

const pushed = () => forge.actions.filter((what) => what.startsWith('push '));

async function result(createdById: string | null, on: Partial<Repository> = {}): Promise<ProvenResult> {
  const repository = aRepository({ name: 'shop', ...on });
  await rows.RepositoryRepository.insert(repository);
  const task = await rows.TaskRepository.insert(
    aTask({ repositoryId: repository.id, createdById, issueNumber: on.forge === 'github' ? 7 : null }),
  );
  const run = await rows.RunRepository.insert(aRun({ repositoryId: repository.id, taskId: task.id }));
  const none = { newFailures: [], oldFailures: [], fixed: [], alteredTests: [], executions: [] };
  const gate: GateReport = { verdict: 'green', reason: 'All pass.', ...none };
  return {
    run,
    task,
    repository,
    gate,
    headCommit: 'a'.repeat(40),
    continued: null,
    report: { title: 'Mend', summary: '' },
    replies: [],
  };
}

describe('what leaves Teko', () => {
  it('happens once, however often it is asked for, and stands in the audit log', async () => {
    const proven = await result(user.id);
    await feedback.deliver(proven, holds);
    await feedback.deliver(proven, holds);
    expect(pushed()).toHaveLength(1);
    const entries = await rows.AuditLogEntryRepository.findAfter(0, 10);
    expect(entries.map(({ action, actorName, subjectId }) => [action, actorName, subjectId])).toEqual(
      ['push', 'change', 'comment'].map((kind) => [`effects.${kind}`, 'Teko', proven.run.id]),
    );
    expect(entries[0]!.after).toMatchObject({ branch: Object.keys(forge.branches)[0] });
  });

  it('does not happen for a worker that has lost the run, from that moment on', async () => {
    const proven = await result(user.id);
    let asked = 0;
    const lost = async () => {
      if (++asked > 1) throw new LeaseLostError(proven.run.id);
    };
    await expect(feedback.deliver(proven, lost)).rejects.toThrow(LeaseLostError);
    expect(pushed()).toHaveLength(1);
    expect((await rows.EffectRepository.findByRun(proven.run.id)).map(({ kind }) => kind)).toEqual(['push']);
    expect(await rows.ChangeRepository.findByRun(proven.run.id)).toBeNull();
    // Whoever has the run now goes on and does nothing twice.
    await feedback.deliver(proven, holds);
    expect(pushed()).toHaveLength(1);
    expect(await rows.ChangeRepository.findByRun(proven.run.id)).not.toBeNull();
  });

  it('needs no requester where nobody asked', async () => {
    await feedback.deliver(await result(null), holds);
    expect(pushed()).toHaveLength(1);
  });

  it('goes by the grant where the requester has one repository alone', async () => {
    await rows.UserRepository.update(user.id, { roles: [] });
    const proven = await result(user.id);
    await expect(feedback.deliver(proven, holds)).rejects.toThrow('Ada may not change shop any more');
    const grant = aRepositoryGrant({ userId: user.id, repositoryId: proven.repository.id, role: 'developer' });
    await rows.RepositoryGrantRepository.insert(grant);
    await feedback.deliver(proven, holds);
    expect(pushed()).toHaveLength(1);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['lost the role', () => rows.UserRepository.update(user.id, { roles: ['viewer'] })],
    ['was disabled', () => rows.UserRepository.update(user.id, { disabled: true })],
    ['was deleted', () => rows.UserRepository.delete(user.id)],
  ])('is refused when the requester %s meanwhile', async (_what, change) => {
    const proven = await result(user.id);
    await change();
    await expect(feedback.deliver(proven, holds)).rejects.toMatchObject({ code: 'forbidden' });
    expect(pushed()).toEqual([]);
    expect(await rows.AuditLogEntryRepository.findAfter(0, 10)).toEqual([]);
  });

  it.each<[ForgePermission | null, boolean]>([
    ['none', false],
    ['read', false],
    ['write', true],
    ['admin', true],
    [null, true],
  ])('goes by the linked account too: %s on the forge', async (given, allowed) => {
    await rows.AccountRepository.insert(anAccount({ userId: user.id, login: 'ada' }));
    right = given;
    const proven = await result(user.id, { forge: 'github' });
    const outcome = feedback.deliver(proven, holds).then(
      () => true,
      (error: Error) => error.message,
    );
    expect(await outcome).toBe(allowed || 'ada may not write to shop on the forge.');
    expect(pushed()).toHaveLength(allowed ? 1 : 0);
  });
});

describe('a pull request', () => {
  const onGithub = { forge: 'github', forgeName: 'octo/shop', intakeLabel: 'teko' } as const;

  it('tells what was done and how it was proven, and asks the owners; the words of a model do nothing there', async () => {
    files['CODEOWNERS'] = '* @octo/all\n/src/ @grace\n';
    files['.github/pull_request_template.md'] = '- [ ] I have read the rules';
    right = 'write';
    const proven = await result(user.id, onGithub);
    const report = {
      title: 'Right the answer for @octocat',
      summary: 'It was 41. Fixes #99.',
      notDone: 'The docs.',
      criteria: [{ criterion: 'The answer is 42', evidence: 'test_answer passes' }],
    };
    await feedback.deliver({ ...proven, report }, holds);
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

  it('is opened once, though the answer of the forge was lost', async () => {
    right = 'write';
    const proven = await result(user.id, onGithub);
    await rows.EffectRepository.begin({
      ...{ id: 'e', key: `run:${proven.run.id}:push`, runId: proven.run.id, kind: 'push', status: 'done' },
      ...{ request: {}, answer: {}, error: null, createdAt: new Date(), updatedAt: new Date() },
    });
    forge.failNext = 'after';
    await expect(feedback.deliver(proven, holds)).rejects.toThrow('the answer was lost');
    await feedback.deliver(proven, holds);
    expect(forge.pullRequests).toHaveLength(1);
    expect((await rows.ChangeRepository.findByRun(proven.run.id))!.pullRequestNumber).toBe(100);
  });

  it('that holds unfinished work is a draft, and made ready by the run that proves it', async () => {
    right = 'write';
    const proven = await result(user.id, onGithub);
    const branch = await feedback.keep(proven, holds);
    expect(forge.pullRequests).toMatchObject([{ isDraft: true, headBranch: branch }]);
    const { task, repository } = proven;
    const next = await rows.RunRepository.insert(aRun({ repositoryId: repository.id, taskId: task.id }));
    const basedOn = { version: 1, outcome: 'turn_limit', turns: 1, verdict: null, failing: [], branch } as const;
    const commits = { baseCommit: proven.run.baseCommit!, headCommit: proven.headCommit };
    const continued = { ...basedOn, ...commits, failing: [] };
    await feedback.deliver({ ...proven, run: next, headCommit: 'b'.repeat(40), continued }, holds);
    expect(forge.pullRequests).toMatchObject([{ isDraft: false, headBranch: branch }]);
    const query = { page: 1, perPage: 9, sort: 'number', order: 'ASC', filters: { taskId: [task.id] } } as const;
    const { data } = await rows.ChangeRepository.list({ ...query, filters: { taskId: [task.id] } });
    expect(data).toMatchObject([{ status: 'open', headCommit: 'b'.repeat(40), runId: next.id }]);
  });

  it('gets one reply in each thread that the run worked in', async () => {
    right = 'write';
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
    const replies = [{ threadId: 't1', body: 'Done as you say.' }];
    await feedback.deliver({ ...proven, replies }, holds);
    await feedback.deliver({ ...proven, replies }, holds);
    const links = (await rows.CommentLinkRepository.findByTask(task.id)).filter(({ origin }) => origin === 'teko');
    const said = await Promise.all(links.map(async ({ commentId }) => rows.CommentRepository.findById(commentId)));
    expect(links.map(({ threadId }, i) => [threadId, said[i]!.body])).toEqual([
      ['t1', 'Done as you say.'],
      ['t2', `Worked in with ${proven.headCommit.slice(0, 12)}.`],
    ]);
  });
});
