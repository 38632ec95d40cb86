import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { ScriptedRequest } from '@teko/testing';
import { expect, it } from 'vitest';
import { eventually } from './eventually';
import {
  pullRequestsOf,
  REPO,
  solveThenRevise,
  startGithubScenario,
  taskWithStatus,
  type GithubScenario,
} from './github-scenario';
import { requirePackages } from './required-packages';
import { temporaryFolder } from './resources';

requirePackages('bubblewrap');

/** Commits to a branch of the forge as a person does, from a clone. */
function pushAs(name: string, { github }: GithubScenario, branch: string, files: Record<string, string>): void {
  const clone = join(temporaryFolder('clone'), 'clone');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', `user.name=${name}`, '-c', `user.email=${name}@localhost`, ...args], { stdio: 'pipe' });
  git('clone', '--quiet', '--branch', branch, github.git(REPO), clone);
  for (const [path, text] of Object.entries(files)) {
    execFileSync('bash', ['-c', 'printf %s "$1" > "$2"', 'bash', text, join(clone, path)]);
    git('-C', clone, 'add', path);
  }
  git('-C', clone, 'commit', '--quiet', '--message', `By ${name}`);
  git('-C', clone, 'push', '--quiet', 'origin', `HEAD:${branch}`);
}

it('a branch named as the prefix does not stop delivery, and commits of people on the branch stay', async () => {
  let branch = '';
  const scenario = await startGithubScenario((request: ScriptedRequest) => {
    // Somebody pushes while the follow-up works.
    if (request.turn === 0 && request.text.includes('[thread '))
      pushAs('grace', scenario, branch, { 'notes.md': 'Mine.\n' });
    return solveThenRevise(request);
  });
  const git = (...args: string[]) => execFileSync('git', ['-C', scenario.github.git(REPO), ...args]).toString();
  git('update-ref', 'refs/heads/teko', 'main');

  const ada = scenario.github.as('ada');
  const issue = await ada.openIssue(REPO, { title: 'The answer is wrong', body: 'It has to be 42.' });
  await ada.label(REPO, issue, 'teko');
  await taskWithStatus(scenario, issue, 'in_review');
  const [pullRequest] = await pullRequestsOf(scenario);
  branch = pullRequest!.head.ref;
  expect(branch).toMatch(/^teko-\d+-the-answer-is-wrong$/);
  const first = git('rev-parse', branch).trim();

  const comments = [{ path: 'answer.txt', line: 1, body: 'Say that it was asked for.' }];
  await ada.review(REPO, pullRequest!.number, { event: 'REQUEST_CHANGES', body: 'One thing.', comments });
  await eventually(async () => {
    const runs = await scenario.teko.rows('/runs?status=succeeded');
    expect(runs, scenario.teko.output.slice(-1000)).toHaveLength(2);
  });
  expect(git('log', '--format=%an', `main..${branch}`)).toBe('Teko\ngrace\nTeko\n');
  expect(git('merge-base', '--all', first, branch).trim()).toBe(first);
  expect(git('show', `${branch}:notes.md`)).toBe('Mine.\n');
  expect(git('show', `${branch}:answer.txt`)).toBe('42 # as asked\n');
  expect(await pullRequestsOf(scenario)).toHaveLength(1);
});
