import type { Repository } from '@teko/domain';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GithubConnection } from './connection';
import { fakeGithub, type FakeGithub } from './fake-github.fixture';
import { GithubTracker } from './tracker';

/* Cases that the emulator of github.int-spec.ts does not support, with responses as GitHub documents them. */

const repository = { forgeName: 'octo/app' } as Repository;
const REPO = '/repos/octo/app';
const user = (login: string, type = 'User') => ({ id: login.length, login, type });

let github: FakeGithub;
let tracker: GithubTracker;
beforeEach(async () => {
  github = await fakeGithub();
  tracker = new GithubTracker(new GithubConnection({ apiUrl: github.url, token: 't' }));
});
afterEach(() => github.close());

it('replies in a review thread', async () => {
  const time = { created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' };
  const json = {
    id: 71,
    user: user('teko[bot]', 'Bot'),
    body: 'done',
    in_reply_to_id: 70,
    path: 'a.ts',
    line: 3,
    ...time,
  };
  const pull_request_url = 'https://api.github.com/repos/octo/app/pulls/8';
  github.on(`POST ${REPO}/pulls/8/comments/70/replies`, { status: 201, body: { ...json, pull_request_url } });
  expect(await tracker.comment(repository, 8, 'done', '70')).toMatchObject({
    kind: 'review_comment',
    number: 8,
    threadId: '70',
    author: { isBot: true },
  });
});

it('acknowledges issues and comments with a reaction, and ignores failures', async () => {
  github.on(`POST ${REPO}/issues/3/reactions`, { status: 201, body: {} });
  github.on(`POST ${REPO}/pulls/comments/71/reactions`, { drop: 'before' });
  await tracker.acknowledge(repository, { kind: 'issue', number: 3 });
  await tracker.acknowledge(repository, { kind: 'issue_comment', id: '7', number: 3 });
  await tracker.acknowledge(repository, { kind: 'review_comment', id: '71', number: 8 });
  await tracker.acknowledge(repository, { kind: 'review', id: '9', number: 8 });
  await tracker.acknowledge({ forgeName: null } as Repository, { kind: 'issue', number: 3 });
  expect(github.requests.map(({ path, body }) => `${path} ${body.content}`)).toEqual([
    `${REPO}/issues/3/reactions eyes`,
    `${REPO}/issues/comments/7/reactions eyes`,
    `${REPO}/pulls/comments/71/reactions eyes`,
  ]);
});

it('finds the last requester, by label or by assignment', async () => {
  const events = [
    { event: 'labeled', actor: user('ann'), label: { name: 'teko' } },
    { event: 'labeled', actor: user('robot'), label: { name: 'other' } },
    { event: 'labeled', actor: null, label: { name: 'orphan' } },
  ];
  const later = [
    { event: 'assigned', actor: user('teko[bot]', 'Bot'), assignee: user('teko[bot]'), assigner: user('carol') },
    { event: 'labeled', actor: user('bob'), label: { name: 'Teko' } },
    { event: 'unlabeled', actor: user('eve'), label: { name: 'teko' } },
  ];
  const link = `<${github.url}${REPO}/issues/3/events?page=2>; rel="next"`;
  github.on(`GET ${REPO}/issues/3/events`, ({ path }) =>
    path.includes('page=2') ? { body: later } : { body: events, headers: { link } },
  );
  expect(await tracker.findRequester(repository, 3, { label: 'teko' })).toMatchObject({ login: 'bob' });
  expect(await tracker.findRequester(repository, 3, { assignee: 'teko[bot]' })).toMatchObject({
    login: 'carol',
    isBot: false,
  });
  expect(await tracker.findRequester(repository, 3, { label: 'orphan' })).toBeNull();
  expect(await tracker.findRequester(repository, 3, { label: 'never' })).toBeNull();
});

it('finds every changed issue, even if others change meanwhile', async () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
  const issues = Array.from({ length: 230 }, (_, i) => ({
    number: i + 1,
    title: '',
    user: user('ann'),
    state: 'open',
    // Many have the same time.
    updated_at: at(i < 150 ? 1 : i),
  }));
  github.on(`GET ${REPO}/issues`, ({ path }) => {
    const query = new URL(path, github.url).searchParams;
    const since = Date.parse(query.get('since')!);
    const changed = issues.filter((issue) => Date.parse(issue.updated_at) >= since);
    changed.sort((a, b) => Date.parse(a.updated_at) - Date.parse(b.updated_at) || a.number - b.number);
    const start = (Number(query.get('page')) - 1) * 100;
    const body = changed.slice(start, start + 100).map((issue) => ({ ...issue }));
    // Between two pages, ten issues that were already returned change again.
    if (github.requests.length === 2) for (const issue of issues.slice(100, 110)) issue.updated_at = at(500);
    return { body };
  });
  const found = await tracker.issuesSince(repository, new Date(at(0)));
  expect(new Set(found.map(({ number }) => number)).size).toBe(230);
  expect(found.slice(-10).map(({ updatedAt }) => updatedAt.toISOString())).toEqual(Array(10).fill(at(500)));
});

it('finds changed comments on issues and in reviews, the oldest change first', async () => {
  const comment = (id: number, minute: number) => ({
    id,
    user: user('ann'),
    body: '',
    issue_url: 'https://api.github.com/repos/octo/app/issues/3',
    pull_request_url: 'https://api.github.com/repos/octo/app/pulls/8',
    created_at: '2026-01-01T00:00:00Z',
    updated_at: `2026-01-01T00:0${minute}:00Z`,
  });
  github.on(`GET ${REPO}/issues/comments`, { body: [comment(1, 1), comment(2, 3)] });
  github.on(`GET ${REPO}/pulls/comments`, { body: [comment(3, 2)] });
  const found = await tracker.commentsSince(repository, new Date('2026-01-01T00:00:00Z'));
  expect(found.map(({ kind, id, number }) => [kind, id, number])).toEqual([
    ['issue_comment', '1', 3],
    ['review_comment', '3', 8],
    ['issue_comment', '2', 3],
  ]);
  expect(github.requests.map(({ path }) => new URL(path, github.url).search)).toEqual(
    Array(2).fill('?since=2026-01-01T00%3A00%3A00.000Z&page=1&per_page=100&sort=updated&direction=asc'),
  );
});

it('distinguishes completed issues from those that were not planned', async () => {
  const issue = (more: object) => ({
    number: 3,
    title: 'T',
    user: null,
    state: 'closed',
    updated_at: '2026-01-01T00:00:00Z',
    ...more,
  });
  const completed: [object, boolean][] = [
    [{ state_reason: 'completed' }, true],
    [{ state_reason: null }, true],
    [{ state_reason: 'not_planned' }, false],
    [{ state: 'open', state_reason: 'reopened' }, false],
    [{ pull_request: { merged_at: null } }, false],
    [{ pull_request: { merged_at: '2026-01-01T00:00:00Z' } }, true],
  ];
  for (const [more, isCompleted] of completed) {
    github.on(`GET ${REPO}/issues/3`, { body: issue(more) });
    expect(await tracker.issue(repository, 3)).toMatchObject({ isCompleted, author: { login: 'ghost' } });
  }
  github.on(`GET ${REPO}/issues/3`, { status: 410, body: { message: 'This issue was deleted' } });
  expect(await tracker.issue(repository, 3)).toBeNull();
  github.on(`GET ${REPO}/issues/3`, { body: { number: 'three' } });
  await expect(tracker.issue(repository, 3)).rejects.toMatchObject({ service: 'forge' });
});
