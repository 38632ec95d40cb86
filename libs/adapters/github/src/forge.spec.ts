import {
  InvalidError,
  type CheckRun,
  type ForgePermission,
  type PullRequestInput,
  type Repository,
} from '@teko/domain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GithubConnection } from './connection';
import { fakeGithub, type FakeResponse, type FakeGithub } from './fake-github.fixture';
import { GithubForge } from './forge';

/* Cases that the emulator of github.int-spec.ts does not support, with responses as GitHub documents them. */

const repository = { forgeName: 'octo/app' } as Repository;
const REPO = '/repos/octo/app';
const draft: PullRequestInput = { title: 'T', body: 'B', branch: 'teko/1-x', baseBranch: 'main', isDraft: true };
const pullRequestJson = (more: object = {}) => ({
  number: 8,
  node_id: 'PR_8',
  title: 'T',
  html_url: 'https://github.com/octo/app/pull/8',
  state: 'open',
  draft: true,
  user: { id: 2, login: 'teko[bot]', type: 'Bot' },
  head: { ref: 'teko/1-x', sha: 'abc', repo: { full_name: 'octo/app', owner: { login: 'Octo' } } },
  base: { ref: 'main' },
  updated_at: '2026-01-01T00:00:00Z',
  ...more,
});
const user = (login: string) => ({ id: login.length, login, type: 'User' });
const refused: FakeResponse = { status: 422, body: { message: 'Validation Failed' } };

let github: FakeGithub;
let forge: GithubForge;
beforeEach(async () => {
  github = await fakeGithub();
  forge = new GithubForge(new GithubConnection({ apiUrl: github.url, token: 't' }), {} as never);
});
afterEach(() => github.close());
const bodies = (method: string, path: string) =>
  github.requests.filter((one) => one.method === method && one.path === path).map(({ body }) => body);

describe('opening a pull request', () => {
  const foreign = pullRequestJson({
    number: 5,
    head: { ...pullRequestJson().head, repo: { full_name: 'eve/app', owner: { login: 'eve' } } },
  });

  it('does not reuse a pull request from a fork or another branch', async () => {
    github.on(`GET ${REPO}/pulls`, {
      body: [foreign, pullRequestJson({ number: 6, head: { ...pullRequestJson().head, ref: 'other' } })],
    });
    github.on(`POST ${REPO}/pulls`, { status: 201, body: pullRequestJson() });
    expect((await forge.openPullRequest(repository, draft)).number).toBe(8);
    expect(bodies('POST', `${REPO}/pulls`)).toMatchObject([{ head: 'teko/1-x', base: 'main', draft: true }]);
  });

  it.each<[string, FakeResponse]>([
    ['the response was lost', { drop: 'before' }],
    ['GitHub opened it and then failed', { status: 502 }],
    ['somebody else opened it meanwhile', refused],
  ])('finds it if %s', async (_case, response) => {
    github.on(`GET ${REPO}/pulls`, { body: [] }, { body: [pullRequestJson()] });
    github.on(`POST ${REPO}/pulls`, response);
    expect((await forge.openPullRequest(repository, draft)).number).toBe(8);
    expect(github.count('POST', `${REPO}/pulls`)).toBe(1);
  });

  it('reports why GitHub refuses it', async () => {
    github.on(`GET ${REPO}/pulls`, { body: [] });
    github.on(`POST ${REPO}/pulls`, {
      status: 422,
      body: { message: 'Validation Failed', errors: [{ message: 'No commits' }] },
    });
    await expect(forge.openPullRequest(repository, draft)).rejects.toThrow('No commits');
  });

  it('opens it without draft status if the plan does not support drafts', async () => {
    github.on(`GET ${REPO}/pulls`, { body: [] });
    const message = 'Draft pull requests are not supported in this repository.';
    github.on(
      `POST ${REPO}/pulls`,
      { status: 422, body: { message } },
      { status: 201, body: pullRequestJson({ draft: false }) },
    );
    expect((await forge.openPullRequest(repository, draft)).isDraft).toBe(false);
  });
});

describe('a draft', () => {
  it('is marked ready with GraphQL, at the URL of this GitHub server, and only once', async () => {
    const enterprise = new GithubForge(
      new GithubConnection({ apiUrl: `${github.url}/api/v3`, token: 't' }),
      {} as never,
    );
    for (const prefix of ['', '/api/v3'])
      github.on(
        `GET ${prefix}${REPO}/pulls/8`,
        { body: pullRequestJson() },
        { body: pullRequestJson({ draft: false }) },
      );
    for (const path of ['/graphql', '/api/graphql']) github.on(`POST ${path}`, { body: { data: {} } });
    for (const one of [forge, forge, enterprise]) await one.updatePullRequest(repository, 8, { isDraft: false });
    expect([github.count('POST', '/graphql'), github.count('POST', '/api/graphql')]).toEqual([1, 1]);
    expect(bodies('POST', '/graphql')[0]).toMatchObject({ variables: { id: 'PR_8' } });
    expect(github.count('PATCH', `${REPO}/pulls/8`)).toBe(0);
  });

  it('reports why GitHub refuses to mark it ready', async () => {
    github.on(`GET ${REPO}/pulls/8`, { body: pullRequestJson() });
    github.on('POST /graphql', { body: { data: null, errors: [{ type: 'FORBIDDEN', message: 'not yours' }] } });
    await expect(forge.updatePullRequest(repository, 8, { isDraft: false })).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('not yours'),
    });
  });
});

it('requests reviews one by one if GitHub refuses all, and omits owners who cannot be requested', async () => {
  const path = `${REPO}/pulls/8/requested_reviewers`;
  github.on(`GET ${REPO}/pulls/8`, { body: pullRequestJson({ user: user('ann') }) });
  github.on(`POST ${REPO}/issues/8/labels`, { status: 403, body: { message: 'no' } });
  github.on(`POST ${path}`, ({ body }) =>
    JSON.stringify(body).includes('nobody') ? refused : { status: 201, body: {} },
  );
  const owners = ['@ANN', 'ann@example.com', '@bob', 'octo/team', 'nobody', 'bob'];
  await forge.addLabelsAndReviewers(repository, 8, { labels: ['teko'], owners });
  expect(bodies('POST', path)).toEqual([
    { reviewers: ['bob', 'nobody'], team_reviewers: ['team'] },
    { reviewers: ['bob'], team_reviewers: [] },
    { reviewers: [], team_reviewers: ['team'] },
    { reviewers: ['nobody'], team_reviewers: [] },
  ]);
});

it('returns reviews and their comments in order, with verdict, thread and line', async () => {
  const review = (id: number, state: string, body: string) => ({
    id,
    user: user('ann'),
    body,
    html_url: '',
    state,
    submitted_at: state === 'PENDING' ? null : `2026-01-0${id}T00:00:00Z`,
  });
  const states = ['COMMENTED', 'APPROVED', 'CHANGES_REQUESTED', 'DISMISSED', 'PENDING'];
  const reviews = [...states.map((state, i) => review(i + 1, state, '')), review(6, 'COMMENTED', 'hm')];
  github.on(`GET ${REPO}/pulls/8/reviews`, { body: reviews });
  const time = { created_at: '2026-01-07T00:00:00Z', updated_at: '2026-01-07T00:00:00Z' };
  const comment = { id: 70, user: null, body: 'why?', path: 'a.ts', line: null, original_line: 4, ...time };
  const reply = {
    ...comment,
    id: 71,
    in_reply_to_id: 70,
    pull_request_url: 'https://api.github.com/repos/octo/app/pulls/8',
  };
  github.on(`GET ${REPO}/pulls/8/comments`, { body: [comment, reply] });
  const found = await forge.reviews(repository, 8);
  expect(found.map(({ kind, id, verdict, threadId, line }) => [kind, id, verdict, threadId, line])).toEqual([
    ['review', '2', 'approved', null, null],
    ['review', '3', 'changes_requested', null, null],
    ['review', '4', 'commented', null, null],
    ['review', '6', 'commented', null, null],
    ['review_comment', '70', null, '70', 4],
    ['review_comment', '71', null, '70', 4],
  ]);
  expect(found.at(-1)).toMatchObject({ number: 8, author: { login: 'ghost', id: '0' }, path: 'a.ts' });
});

describe('checks', () => {
  const run = (id: number, name: string, conclusion: string | null) => ({
    id,
    name,
    head_sha: 'abc',
    status: conclusion ? 'completed' : 'in_progress',
    conclusion,
    completed_at: conclusion && '2026-01-01T00:00:00Z',
  });
  const status = (id: number, context: string, state: string) => ({
    id,
    context,
    state,
    description: null,
    updated_at: '2026-01-01T00:00:00Z',
  });
  const states = async () => (await forge.checkRuns(repository, 'abc')).map(({ id, state }) => `${id} ${state}`);

  it('are check runs and statuses, of each name the newest', async () => {
    const conclusions = ['success', 'neutral', 'skipped', 'failure', 'cancelled', 'timed_out', 'action_required', null];
    const check_runs = [run(20, 'ci', 'success'), ...conclusions.map((end, i) => run(i + 1, i ? `c${i}` : 'ci', end))];
    github.on(`GET ${REPO}/commits/abc/check-runs`, { body: { total_count: 9, check_runs } });
    const statuses = [status(30, 'lint', 'success'), status(31, 'deploy', 'error'), status(32, 'wait', 'pending')];
    github.on(`GET ${REPO}/commits/abc/status`, { body: { url: 'x', total_count: 3, statuses } });
    expect((await states()).sort()).toEqual(
      ['run:2 passed', 'run:3 passed', 'run:4 failed', 'run:5 failed', 'run:6 failed', 'run:7 failed', 'run:8 pending']
        .concat(['run:20 passed', 'status:30 passed', 'status:31 failed', 'status:32 pending'])
        .sort(),
    );
  });

  it('that run in two suites fail if one of them fails', async () => {
    const [red, green, again] = [run(1, 'ci', 'failure'), run(2, 'ci', 'success'), run(3, 'ci', 'success')];
    const runs = (...check_runs: object[]) => ({ body: { total_count: check_runs.length, check_runs } });
    const route = `GET ${REPO}/commits/abc/check-runs`;
    github.on(route, runs({ ...red, check_suite: { id: 1 } }, { ...green, check_suite: { id: 2 } }));
    expect(await states()).toEqual(['run:1 failed']);
    github.on(route, runs({ ...red, check_suite: { id: 1 } }, { ...again, check_suite: { id: 1 } }));
    expect(await states()).toEqual(['run:3 passed']);
  });

  it('are the jobs of Actions if the token cannot read check runs', async () => {
    github.on(`GET ${REPO}/commits/abc/check-runs`, { status: 403, body: { message: 'Resource not accessible' } });
    github.on(`GET ${REPO}/commits/abc/status`, { body: { url: 'x', total_count: 0, statuses: [] } });
    github.on(`GET ${REPO}/actions/runs`, { body: { total_count: 1, workflow_runs: [{ id: 9 }] } });
    github.on(`GET ${REPO}/actions/runs/9/jobs`, { body: { total_count: 1, jobs: [run(91, 'ci', 'failure')] } });
    expect(await states()).toEqual(['run:91 failed']);
  });
});

describe('the log of a check run', () => {
  const check = { id: 'run:91', summary: 'short' } as CheckRun;
  const checkRun = {
    app: { slug: 'github-actions' },
    output: { title: 'Failed', summary: 'two tests', text: null, annotations_count: 1 },
  };

  it('is truncated to its end, and downloaded from storage without the credential', async () => {
    const store = await fakeGithub();
    store.on('GET /log', { body: `${'x'.repeat(60_000)}the end` });
    github.on(`GET ${REPO}/check-runs/91`, { body: checkRun });
    const location = `${store.url}/log?sig=secret`;
    github.on(`GET ${REPO}/actions/jobs/91/logs`, { status: 302, headers: { location } });
    const log = await forge.checkRunLog(repository, check);
    expect([log.trim().endsWith('xthe end'), log.length]).toEqual([true, 30_000]);
    expect(store.requests[0]!.headers.authorization).toBeUndefined();
    store.on('GET /log', { drop: 'before' });
    const error = await forge.checkRunLog(repository, check).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ service: 'forge' });
    expect(String(error)).not.toContain('secret');
    await store.close();
  });

  it('is replaced by output and annotations if there is none', async () => {
    github.on(`GET ${REPO}/check-runs/91`, { body: checkRun });
    const annotation = { path: 'a.ts', start_line: 3, annotation_level: 'failure', message: 'not 4' };
    github.on(`GET ${REPO}/check-runs/91/annotations`, { body: [annotation] });
    expect(await forge.checkRunLog(repository, check)).toBe('Failed\ntwo tests\na.ts:3: failure: not 4');
    expect(await forge.checkRunLog(repository, { ...check, id: 'status:5' })).toBe('short');
    expect(await forge.checkRunLog(repository, { ...check, id: 'run:404' })).toBe('short');
  });
});

it('reruns a check run or a job, and returns false if GitHub refuses', async () => {
  const rerun = (id: string) => forge.rerunCheck(repository, { id } as CheckRun);
  github.on(`POST ${REPO}/check-runs/1/rerequest`, { status: 201, body: {} });
  github.on(`POST ${REPO}/check-runs/2/rerequest`, { status: 403, body: { message: 'no' } });
  github.on(`POST ${REPO}/actions/jobs/2/rerun`, { status: 201, body: {} });
  const results = [await rerun('run:1'), await rerun('run:2'), await rerun('run:3'), await rerun('status:1')];
  expect(results).toEqual([true, true, false, false]);
});

it.each<[object, ForgePermission]>([
  [{ permission: 'admin', role_name: 'admin' }, 'admin'],
  [{ permission: 'write', role_name: 'maintain' }, 'write'],
  [{ permission: 'read', role_name: 'admin' }, 'read'],
  [{ permission: 'read', role_name: 'triage' }, 'read'],
  [{ permission: 'none', role_name: 'none' }, 'none'],
  [{ permission: 'new', role_name: 'new' }, 'none'],
])('maps %j to permission %s', async (body, permission) => {
  github.on(`GET ${REPO}/collaborators/ann/permission`, { body });
  expect(await forge.permissionOf(repository, 'ann')).toBe(permission);
  expect(await forge.permissionOf(repository, 'stranger')).toBe('none');
});

it('sends no request for an invalid repository name', async () => {
  for (const forgeName of [null, 'app', 'a/b/c', 'octo/..'])
    await expect((async () => forge.pullRequest({ forgeName } as Repository, 1))()).rejects.toThrow(InvalidError);
  expect(github.requests).toEqual([]);
});
