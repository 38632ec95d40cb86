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

/** Runs the scenario from a labelled issue through a review to the merge, while the first request to every endpoint fails. */
async function runScenario(scenario: GithubScenario, kind: FaultKind): Promise<void> {
  const { github } = scenario;
  const own = async () => (await commentsOn(scenario, 1)).filter((text) => text.startsWith(github.tekoLogin));
  github.faults.inject(kind);
  const issue = await github.as('ada').openIssue(REPO, { title: 'The answer is wrong', body: 'It has to be 42.' });
  await github.as('ada').label(REPO, issue, 'teko');
  const task = await taskWithStatus(scenario, issue, 'in_review', WAIT.timeout);
  const [pullRequest] = await pullRequestsOf(scenario);
  await github.as('ada').review(REPO, pullRequest!.number, {
    ...{ event: 'REQUEST_CHANGES', body: 'One thing.' },
    comments: [{ path: 'answer.txt', line: 1, body: 'Explain why.' }],
  });
  const thread = ['Explain why.', 'Added a comment.'];
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

// Concurrent, because they wait most of the time.
it.concurrent.each(sampleOf('GitHub faults', FAULT_KINDS, 6))(
  'the result is the same and nothing happens twice if the first request to every endpoint fails with %s',
  { timeout: 1_200_000 },
  async (kind) => {
    // A review arrives in several webhooks, and each of them is delayed.
    const scenario = await startGithubScenario(undefined, { env: { TEKO_FOLLOW_UP_SECONDS: '8' } });
    try {
      await runScenario(scenario, kind);
    } finally {
      await scenario.close();
    }
  },
);
