import { sampleOf } from '@teko/testing';
import { expect, it } from 'vitest';
import { eventually } from './eventually';
import { FAULT_KINDS, type FaultKind } from './github-faults';
import {
  pullRequestsOf,
  REPO,
  commentsOn,
  startGithubScenario,
  taskWithStatus,
  type GithubScenario,
} from './github-scenario';
import { requirePackages } from './required-packages';

requirePackages('bubblewrap');

const [owner, repo] = REPO.split('/') as [string, string];
const WAIT = { timeout: 300_000, interval: 300 };

async function threadOf({ github }: GithubScenario, pullRequest: number) {
  const { data } = await github
    .as('grace')
    .octokit.rest.pulls.listReviewComments({ owner, repo, pull_number: pullRequest });
  return data.map(({ body }) => body);
}

async function stateOf({ github }: GithubScenario, issue: number) {
  return (await github.as('grace').octokit.rest.issues.get({ owner, repo, issue_number: issue })).data.state;
}

/** From a labelled issue over a review to a merge, while every call fails once in this way. */
async function tell(scenario: GithubScenario, kind: FaultKind): Promise<void> {
  const { github } = scenario;
  const own = async () => (await commentsOn(scenario, 1)).filter((text) => text.startsWith(github.tekoLogin));
  github.faults.demand(kind);
  const issue = await github.as('ada').openIssue(REPO, { title: 'The answer is wrong', body: 'It has to be 42.' });
  await github.as('ada').label(REPO, issue, 'teko');
  const task = await taskWithStatus(scenario, issue, 'in_review', WAIT.timeout);
  const [pullRequest] = await pullRequestsOf(scenario);
  await github.as('ada').review(REPO, pullRequest!.number, {
    ...{ event: 'REQUEST_CHANGES', body: 'One thing.' },
    comments: [{ path: 'answer.txt', line: 1, body: 'Say why.' }],
  });
  const thread = ['Say why.', 'There is a remark now.'];
  await eventually(async () => expect(await threadOf(scenario, pullRequest!.number)).toEqual(thread), WAIT);
  await taskWithStatus(scenario, issue, 'in_review', WAIT.timeout);
  await eventually(async () => expect((await own()).length).toBeGreaterThan(1), WAIT);
  await github.as('grace').merge(REPO, pullRequest!.number);
  await taskWithStatus(scenario, issue, 'done', WAIT.timeout);
  await eventually(async () => expect(await stateOf(scenario, issue)).toBe('closed'), WAIT);

  expect(github.faults.hits.length).toBeGreaterThan(kind === 'expired_token' ? 0 : 12);
  expect(await threadOf(scenario, pullRequest!.number)).toEqual(thread);
  expect(await own()).toEqual([
    expect.stringContaining(`Pull request #${pullRequest!.number} is ready`),
    expect.stringContaining(`Pull request #${pullRequest!.number} is ready`),
  ]);
  expect(await pullRequestsOf(scenario)).toHaveLength(1);
  const runs = await scenario.teko.rows(`/runs?taskId=${task.id}`);
  expect(runs.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
}

// Side by side: they wait most of the time.
it.concurrent.each(sampleOf('faults of GitHub', FAULT_KINDS, 3))(
  'a GitHub that fails once at every call with %s: it ends the same, nothing twice',
  { timeout: 1_200_000 },
  async (kind) => {
    // A review comes in several messages, and each of them is held up.
    const scenario = await startGithubScenario(undefined, { env: { TEKO_FOLLOW_UP_SECONDS: '8' } });
    try {
      await tell(scenario, kind);
    } finally {
      await scenario.close();
    }
  },
);
