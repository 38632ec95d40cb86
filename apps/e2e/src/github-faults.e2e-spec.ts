import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FAULT_KINDS } from './github-faults';
import { pullsOf, REPO, said, startGithubStory, taskIn, type GithubStory } from './github-story';
import { needs } from './needs';

needs('bubblewrap');

const [owner, repo] = REPO.split('/') as [string, string];

describe('a GitHub that fails once at every call of the story', () => {
  let story: GithubStory;
  beforeAll(async () => (story = await startGithubStory()));
  afterAll(() => story.close());
  const person = (login: string) => story.github.as(login);
  const threadOf = async (pull: number) => {
    const place = { owner, repo, pull_number: pull };
    return (await person('grace').octokit.rest.pulls.listReviewComments(place)).data.map(({ body }) => body);
  };

  it.each(FAULT_KINDS)('%s: it ends the same, nothing twice', { timeout: 300_000 }, async (kind) => {
    const { faults } = story.github;
    faults.demand(kind);
    const issue = await person('ada').openIssue(REPO, { title: `Answer, ${kind}`, body: 'It has to be 42.' });
    await person('ada').label(REPO, issue, 'teko');
    const patience = { timeout: 200_000, interval: 300 };
    const task = await taskIn(story, issue, 'in_review', patience.timeout);
    const mine = async () => (await pullsOf(story)).filter(({ body }) => body?.includes(`Closes #${issue}.`));
    const [pull, ...more] = await mine();
    expect(more).toEqual([]);

    await person('ada').review(REPO, pull!.number, {
      ...{ event: 'REQUEST_CHANGES', body: 'One thing.' },
      comments: [{ path: 'answer.txt', line: 1, body: 'Say why.' }],
    });
    await vi.waitFor(
      async () => expect(await threadOf(pull!.number)).toEqual(['Say why.', 'There is a remark now.']),
      patience,
    );
    await taskIn(story, issue, 'in_review', patience.timeout);
    await vi.waitFor(async () => {
      const reports = (await said(story, issue)).filter((text) => text.startsWith(story.github.tekoLogin));
      expect(reports).toHaveLength(2);
    }, patience);
    await person('grace').merge(REPO, pull!.number);
    await taskIn(story, issue, 'done', patience.timeout);
    await vi.waitFor(async () => {
      const { data } = await person('grace').octokit.rest.issues.get({ owner, repo, issue_number: issue });
      expect(data.state).toBe('closed');
    }, patience);
    faults.stop();

    expect(faults.hits.length).toBeGreaterThan(kind === 'expired_token' ? 0 : 8);
    expect(await threadOf(pull!.number)).toEqual(['Say why.', 'There is a remark now.']);
    expect(await said(story, issue)).toHaveLength(2);
    expect(await mine()).toHaveLength(1);
    const runs = await story.teko.rows(`/runs?taskId=${task.id}`);
    expect(runs.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
  });
});
