import { sampleOf } from '@teko/testing';
import { expect, it } from 'vitest';
import { eventually } from './eventually';
import { FAULT_KINDS, type FaultKind } from './github-faults';
import { pullsOf, REPO, said, startGithubStory, taskIn, type GithubStory } from './github-story';
import { needs } from './needs';

needs('bubblewrap');

const [owner, repo] = REPO.split('/') as [string, string];
const WAIT = { timeout: 300_000, interval: 300 };

async function threadOf({ github }: GithubStory, pull: number) {
  const { data } = await github.as('grace').octokit.rest.pulls.listReviewComments({ owner, repo, pull_number: pull });
  return data.map(({ body }) => body);
}

async function stateOf({ github }: GithubStory, issue: number) {
  return (await github.as('grace').octokit.rest.issues.get({ owner, repo, issue_number: issue })).data.state;
}

/** From a labelled issue over a review to a merge, while every call fails once in this way. */
async function tell(story: GithubStory, kind: FaultKind): Promise<void> {
  const { github } = story;
  const own = async () => (await said(story, 1)).filter((text) => text.startsWith(github.tekoLogin));
  github.faults.demand(kind);
  const issue = await github.as('ada').openIssue(REPO, { title: 'The answer is wrong', body: 'It has to be 42.' });
  await github.as('ada').label(REPO, issue, 'teko');
  const task = await taskIn(story, issue, 'in_review', WAIT.timeout);
  const [pull] = await pullsOf(story);
  await github.as('ada').review(REPO, pull!.number, {
    ...{ event: 'REQUEST_CHANGES', body: 'One thing.' },
    comments: [{ path: 'answer.txt', line: 1, body: 'Say why.' }],
  });
  const thread = ['Say why.', 'There is a remark now.'];
  await eventually(async () => expect(await threadOf(story, pull!.number)).toEqual(thread), WAIT);
  await taskIn(story, issue, 'in_review', WAIT.timeout);
  await eventually(async () => expect((await own()).length).toBeGreaterThan(1), WAIT);
  await github.as('grace').merge(REPO, pull!.number);
  await taskIn(story, issue, 'done', WAIT.timeout);
  await eventually(async () => expect(await stateOf(story, issue)).toBe('closed'), WAIT);

  expect(github.faults.hits.length).toBeGreaterThan(kind === 'expired_token' ? 0 : 12);
  expect(await threadOf(story, pull!.number)).toEqual(thread);
  expect(await own()).toEqual([
    expect.stringContaining(`Pull request #${pull!.number} is ready`),
    expect.stringContaining(`Pull request #${pull!.number} is ready`),
  ]);
  expect(await pullsOf(story)).toHaveLength(1);
  const runs = await story.teko.rows(`/runs?taskId=${task.id}`);
  expect(runs.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
}

// Side by side: they wait most of the time.
it.concurrent.each(sampleOf('faults of GitHub', FAULT_KINDS, 3))(
  'a GitHub that fails once at every call with %s: it ends the same, nothing twice',
  { timeout: 1_200_000 },
  async (kind) => {
    // A review comes in several messages, and each of them is held up.
    const story = await startGithubStory(undefined, { env: { TEKO_FOLLOW_UP_SECONDS: '8' } });
    try {
      await tell(story, kind);
    } finally {
      await story.close();
    }
  },
);
