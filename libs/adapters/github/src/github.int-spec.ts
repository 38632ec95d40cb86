import type { PullRequestInput, Repository } from '@teko/domain';
import { freePort } from '@teko/testing';
import { createEmulator, type Emulator } from 'emulate';
import { Octokit } from 'octokit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GithubConnection } from './connection';
import { GithubForge } from './forge';
import { GithubTracker } from './tracker';

/* Runs octokit as an App against a third-party emulator of GitHub's API, without git. */

const repo = { owner: 'octo', repo: 'app' };
const repository = { forgeName: 'octo/app' } as Repository;
const draft: PullRequestInput = { title: 'T', body: 'B', branch: 'teko/1-x', baseBranch: 'main', isDraft: true };
const permissions = { contents: 'write', issues: 'write', pull_requests: 'write', checks: 'write', metadata: 'read' };

let emulator: Emulator;
let connection: GithubConnection;
let forge: GithubForge;
let tracker: GithubTracker;
/** Client of a collaborator. */
let ann: Octokit;

beforeEach(async () => {
  const installations = [{ installation_id: 5, account: 'octo', repository_selection: 'all' }];
  const github = {
    users: [{ login: 'octo' }, { login: 'ann' }, { login: 'eve' }],
    repos: [{ owner: 'octo', name: 'app', private: true }],
    apps: [{ app_id: 12, slug: 'teko', name: 'Teko', permissions, installations }],
  };
  const tokens = { 'octo-token': { login: 'octo' }, 'ann-token': { login: 'ann' } };
  emulator = await createEmulator({ service: 'github', port: await freePort(), seed: { tokens, github } });
  const privateKey = emulator.generatedSecrets[0]!.value;
  connection = new GithubConnection({ apiUrl: emulator.url, appId: '12', privateKey });
  forge = new GithubForge(connection, {} as never);
  tracker = new GithubTracker(connection);
  const options = {
    baseUrl: emulator.url,
    throttle: { enabled: false },
    log: { debug() {}, info() {}, warn() {}, error() {} },
  };
  const octo = new Octokit({ ...options, auth: 'octo-token' });
  ann = new Octokit({ ...options, auth: 'ann-token' });
  await octo.rest.repos.addCollaborator({ ...repo, username: 'ann', permission: 'push' });
  const { data: main } = await octo.rest.git.getRef({ ...repo, ref: 'heads/main' });
  await octo.rest.git.createRef({ ...repo, ref: 'refs/heads/teko/1-x', sha: main.object.sha });
});
afterEach(() => emulator?.close());

it('authenticates as the App and reads repositories and permissions', async () => {
  expect(await connection.repository('octo/app')).toMatchObject({
    forgeName: 'octo/app',
    defaultBranch: 'main',
    private: true,
  });
  expect(await connection.repository('octo/none')).toBeNull();
  expect(await connection.headerFor(`${emulator.url}/octo/app.git`)).toMatch(/^Basic /);
  expect((await connection.self()).login).toBe('teko[bot]');
  expect(await forge.permissionOf(repository, 'octo')).toBe('admin');
  expect(await forge.permissionOf(repository, 'ann')).toBe('write');
  expect(await forge.permissionOf(repository, 'eve')).toBe('none');
  expect(await forge.permissionOf(repository, 'nobody')).toBe('none');
});

it('opens one pull request per branch, and reads its updates, reviews and merge', async () => {
  const opened = await forge.openPullRequest(repository, { ...draft, isDraft: false });
  expect(opened).toMatchObject({
    title: 'T',
    isDraft: false,
    isOpen: true,
    headBranch: 'teko/1-x',
    headRepository: 'octo/app',
  });
  expect((await forge.openPullRequest(repository, draft)).number).toBe(opened.number);
  await forge.updatePullRequest(repository, opened.number, { title: 'T2', body: 'B2' });
  await forge.addLabelsAndReviewers(repository, opened.number, {
    labels: ['teko'],
    owners: ['ann', 'nobody', 'octo/none'],
  });
  const { data: updated } = await ann.rest.pulls.get({ ...repo, pull_number: opened.number });
  expect([updated.body, updated.requested_reviewers?.map((one) => one.login)]).toEqual(['B2', ['ann']]);

  const comments = [{ path: 'README.md', position: 1, body: 'why?' }];
  const review = { ...repo, pull_number: opened.number, event: 'REQUEST_CHANGES', body: 'not yet', comments } as const;
  await ann.rest.pulls.createReview(review);
  expect(await forge.reviews(repository, opened.number)).toMatchObject([
    { kind: 'review', verdict: 'changes_requested', body: 'not yet', author: { login: 'ann', isBot: false } },
    { kind: 'review_comment', body: 'why?', path: 'README.md', number: opened.number },
  ]);
  await ann.rest.pulls.merge({ ...repo, pull_number: opened.number, merge_method: 'merge' });
  expect(await forge.pullRequest(repository, opened.number)).toMatchObject({
    title: 'T2',
    isMerged: true,
    isOpen: false,
  });
  expect(await forge.pullRequest(repository, 99)).toBeNull();
});

it('reads an issue and its comments, posts, edits and deletes comments, and closes it', async () => {
  const { data: created } = await ann.rest.issues.create({ ...repo, title: 'Broken', body: 'Fix it' });
  const { number } = created;
  await ann.rest.issues.createLabel({ ...repo, name: 'teko', color: 'ffffff' });
  await ann.rest.issues.addLabels({ ...repo, issue_number: number, labels: ['teko'] });
  expect(await tracker.issue(repository, number)).toMatchObject({
    title: 'Broken',
    isOpen: true,
    labels: ['teko'],
    isPullRequest: false,
  });
  expect(await tracker.issue(repository, 99)).toBeNull();
  expect(await tracker.findRequester(repository, number, { label: 'teko' })).toMatchObject({ login: 'ann' });

  const posted = await tracker.comment(repository, number, 'on it', null);
  expect(posted).toMatchObject({ kind: 'issue_comment', number, author: { login: 'teko[bot]', isBot: true } });
  await tracker.editComment(repository, posted, 'done');
  await ann.rest.issues.createComment({ ...repo, issue_number: number, body: 'thanks' });
  expect((await tracker.comments(repository, number)).map(({ body }) => body)).toEqual(['done', 'thanks']);
  const hourAgo = new Date(Date.now() - 3_600_000);
  expect((await tracker.issuesSince(repository, hourAgo)).map((issue) => issue.number)).toContain(number);
  expect(await tracker.issuesSince(repository, new Date(Date.now() + 3_600_000))).toEqual([]);
  await tracker.deleteComment(repository, posted);
  await tracker.deleteComment(repository, posted);
  await tracker.closeIssue(repository, number);
  expect(await tracker.issue(repository, number)).toMatchObject({ isOpen: false, isCompleted: true });
});

it('reads and reruns the check runs of a commit', async () => {
  const { headCommit } = await forge.openPullRequest(repository, draft);
  const output = { title: 'Failed', summary: 'two tests' };
  const check = { ...repo, head_sha: headCommit, status: 'completed', output } as const;
  await ann.rest.checks.create({ ...check, name: 'ci', conclusion: 'failure' });
  await ann.rest.checks.create({ ...check, name: 'lint', conclusion: 'success' });
  const found = await forge.checkRuns(repository, headCommit);
  expect(found.map(({ name, state }) => `${name} ${state}`).sort()).toEqual(['ci failed', 'lint passed']);
  const failed = found.find(({ name }) => name === 'ci')!;
  expect(failed.headCommit).toBe(headCommit);
  expect(await forge.checkRunLog(repository, failed)).toContain('two tests');
  expect(await forge.rerunCheck(repository, failed)).toBe(true);
  const again = await forge.checkRuns(repository, headCommit);
  expect(again.find(({ name }) => name === 'ci')!.state).toBe('pending');
});

it('diagnoses the emulator despite unsupported endpoints', async () => {
  const found = await connection.diagnose();
  expect(found.map(({ name, ok }) => [name, ok])).toEqual([
    ['credential', true],
    ['permissions', false],
    ['webhook', false],
    ['clock', true],
    ['reachability', true],
  ]);
});
