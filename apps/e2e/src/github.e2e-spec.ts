import { beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './eventually';
import {
  changeOf,
  fileOn,
  pullRequestsOf,
  REPO,
  commentsOn,
  startGithubScenario,
  taskWithStatus,
  taskOf,
  type GithubScenario,
} from './github-scenario';
import { requirePackages } from './required-packages';

requirePackages('bubblewrap');

let scenario: GithubScenario;
beforeAll(async () => (scenario = await startGithubScenario()));

const userOf = (login: string) => scenario.github.as(login);
const [owner, repo] = REPO.split('/') as [string, string];

// In this order, because the tests share one pull request.
describe('from an issue to a merged pull request', { shuffle: false }, () => {
  let issue: number;
  let pullRequest: number;

  it('opens a pull request with a tested change for a labelled issue', async () => {
    issue = await userOf('mallory').openIssue(REPO, { title: 'The answer is wrong', body: 'It has to be 42.' });
    await userOf('mallory').comment(REPO, issue, 'It is wrong on Mondays too.');
    await userOf('ada').label(REPO, issue, 'teko');
    const task = await taskWithStatus(scenario, issue, 'in_review');
    expect(task).toMatchObject({ source: 'github', requestedBy: 'ada', title: 'The answer is wrong' });

    const pulls = await pullRequestsOf(scenario);
    expect(pulls).toHaveLength(1);
    pullRequest = pulls[0]!.number;
    expect(pulls[0]).toMatchObject({ draft: false, state: 'open', title: 'Fix the answer' });
    expect(pulls[0]!.body).toContain(`Closes #${issue}.`);
    expect(pulls[0]!.body).toContain('grep -q 42 answer.txt');
    expect(fileOn(scenario, pulls[0]!.head.ref, 'answer.txt')).toBe('42\n');
    expect(await changeOf(scenario, task.id)).toMatchObject({
      pullRequestNumber: pullRequest,
      url: pulls[0]!.html_url,
      status: 'open',
    });
    await eventually(async () => {
      expect(await commentsOn(scenario, issue)).toContainEqual(
        expect.stringContaining(`Pull request #${pullRequest} is ready`),
      );
    });
    expect(scenario.github.reactions).toContainEqual(expect.objectContaining({ content: 'eyes' }));
    const comments = await scenario.teko.rows(`/comments?taskId=${task.id}`);
    expect(comments).toContainEqual(expect.objectContaining({ author: 'mallory', trusted: false }));
  });

  it('addresses a review with a second commit and one reply per thread', async () => {
    await userOf('ada').review(REPO, pullRequest, {
      event: 'REQUEST_CHANGES',
      body: 'One thing.',
      comments: [{ path: 'answer.txt', line: 1, body: 'Say that it was asked for.' }],
    });
    await eventually(async () => {
      const { data } = await userOf('grace').octokit.rest.pulls.listReviewComments({
        owner,
        repo,
        pull_number: pullRequest,
      });
      expect(data.map(({ body }) => body)).toEqual(['Say that it was asked for.', 'Added a comment.']);
      expect(data[1]!.in_reply_to_id).toBe(data[0]!.id);
    });
    const [only, ...more] = await pullRequestsOf(scenario);
    expect(more).toEqual([]);
    expect(fileOn(scenario, only!.head.ref, 'answer.txt')).toBe('42 # as asked\n');
    const task = await taskWithStatus(scenario, issue, 'in_review');
    const runs = await scenario.teko.rows(`/runs?taskId=${task.id}&sort=number&order=ASC`);
    expect(runs.map(({ outcome, origin }) => [outcome, (origin as { kind: string } | null)?.kind ?? null])).toEqual([
      ['gate_green', null],
      ['gate_green', 'follow_up'],
    ]);
    expect((await changeOf(scenario, task.id)).headCommit).toBe(only!.head.sha);
  });

  it('syncs comments in both directions, including edits and deletions', async () => {
    const task = await taskOf(scenario, issue);
    const mine = await scenario.teko.post(`/tasks/${task.id}/comments`, { body: 'Looks **good**, @grace' });
    const shown = (text: string) => expect.stringContaining(text);
    await eventually(async () =>
      expect(await commentsOn(scenario, issue)).toContainEqual(shown('Looks **good**, @grace')),
    );
    await scenario.teko.patch(`/comments/${mine.id}`, { body: 'Looks fine' });
    await eventually(async () => expect(await commentsOn(scenario, issue)).toContainEqual(shown('Looks fine')));
    const id = await userOf('ada').comment(REPO, issue, 'Thanks, all. ![shot](https://example.com/a.png)');
    const texts = async () =>
      (await scenario.teko.rows(`/comments?taskId=${task.id}&perPage=100`)).map(({ body }) => body);
    await eventually(async () => expect(await texts()).toContainEqual(shown('Thanks, all. ![shot]')));
    await userOf('ada').octokit.rest.issues.updateComment({ owner, repo, comment_id: id, body: 'Thank you.' });
    await eventually(async () => expect(await texts()).toContain('Thank you.'));
    await userOf('ada').octokit.rest.issues.deleteComment({ owner, repo, comment_id: id });
    await eventually(async () => expect(await texts()).not.toContain('Thank you.'));
    // Teko's own comments are not imported again.
    expect((await texts()).filter((text) => String(text).includes('Looks'))).toEqual(['Looks fine']);
  });

  it('fixes a failed CI check on the same branch', async () => {
    const task = await taskOf(scenario, issue);
    const { headCommit } = await changeOf(scenario, task.id);
    await userOf('grace').check(REPO, String(headCommit), {
      ...{ name: 'unit', status: 'completed', conclusion: 'failure', summary: 'answer.txt: no newline rule' },
    });
    await eventually(async () => {
      const runs = await scenario.teko.rows(`/runs?taskId=${task.id}&sort=number&order=DESC`);
      expect(runs).toHaveLength(3);
      expect(runs[0]).toMatchObject({ status: 'succeeded' });
      expect((runs[0]!.origin as { instruction: string }).instruction).toContain('CI check unit failed');
    });
    await taskWithStatus(scenario, issue, 'in_review');
  });

  it('closes the issue and completes the task after the merge', async () => {
    await userOf('grace').merge(REPO, pullRequest);
    await taskWithStatus(scenario, issue, 'done');
    await eventually(async () => {
      const { data } = await userOf('grace').octokit.rest.issues.get({ owner, repo, issue_number: issue });
      expect(data.state).toBe('closed');
    });
  });

  it('sends only requests that match the OpenAPI description of GitHub', { timeout: 120_000 }, async () => {
    const violations = await scenario.github.validateRequests();
    expect(violations.map(({ request, problem }) => `${request.method} ${request.url}: ${problem}`)).toEqual([]);
    expect(scenario.github.requests.all.length).toBeGreaterThan(20);
  });
});
