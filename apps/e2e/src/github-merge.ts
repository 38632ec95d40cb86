import type { Caller } from './github-credentials';
import { answer, refusal, type Answer, type Call, type Json } from './github-http';
import { split } from './github-mirror';
import type { PullState } from './github-pull-book';
import { git } from './github-repositories';
import type { GithubWorld } from './github-world';

const CLOSING = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d+)/gi;

/**
 * Merges in git, where the real trees are, and has the emulator write down that it was done. The emulator's own merge takes the
 * tree of the head and the base of long ago; its commit is replaced before anybody can see it.
 */
export async function mergePull(world: GithubWorld, call: Call, caller: Caller, pull: PullState): Promise<Answer> {
  const [owner, repo] = split(pull.repository);
  const { data } = await world.emulator
    .admin(pull.repository)
    .rest.pulls.get({ owner, repo, pull_number: pull.number });
  if (!pull.isOpen) return refusal(405, 'Pull Request is not mergeable');
  if (data.draft) return refusal(405, 'Pull Request is still a draft');
  const { sha, merge_method: method = 'merge' } = call.json;
  if (sha !== undefined && sha !== pull.headCommit) {
    return refusal(409, 'Head branch was modified. Review and try the merge again.');
  }
  if (method === 'rebase') return refusal(405, 'Rebase merges are not allowed on this repository.');
  const base = (await world.repositories.branch(pull.repository, pull.baseBranch)) ?? '';
  const tree = await world.repositories.mergeTree(pull.repository, base, pull.headCommit);
  if (!tree) return refusal(405, 'Pull Request is not mergeable');
  const parents = method === 'squash' ? [base] : [base, pull.headCommit];
  pull.mergeCommit = await commit(world, pull, caller.login, tree, parents, messageOf(call.json, pull, data.title));
  const merged = await world.emulator.forward(call, { json: {} });
  if (merged.status !== 200) {
    pull.mergeCommit = null;
    return merged;
  }
  pull.isOpen = false;
  await world.repositories.setRef(pull.repository, `refs/heads/${pull.baseBranch}`, pull.mergeCommit);
  await world.publish(pull.repository, caller.login);
  const isDefault = (await world.repositories.defaultBranch(pull.repository)) === pull.baseBranch;
  if (isDefault) await closeIssues(world, caller, pull, data.body ?? '');
  return answer(200, { sha: pull.mergeCommit, merged: true, message: 'Pull Request successfully merged' });
}

async function commit(
  world: GithubWorld,
  pull: PullState,
  login: string,
  tree: string,
  parents: string[],
  message: string,
): Promise<string> {
  const path = world.repositories.path(pull.repository);
  const env = {
    GIT_AUTHOR_NAME: login,
    GIT_AUTHOR_EMAIL: `${login}@users.noreply.github.com`,
    GIT_COMMITTER_NAME: 'GitHub',
    GIT_COMMITTER_EMAIL: 'noreply@github.com',
  };
  const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent])];
  return (await git(path, args, { input: `${message}\n`, env })).text;
}

function messageOf(asked: Json, pull: PullState, title: string): string {
  const isSquash = asked.merge_method === 'squash';
  const from = `${pull.headRepository.split('/')[0]}/${pull.headBranch}`;
  const first =
    asked.commit_title ?? (isSquash ? `${title} (#${pull.number})` : `Merge pull request #${pull.number} from ${from}`);
  const rest = asked.commit_message ?? (isSquash ? '' : title);
  return rest ? `${String(first)}\n\n${String(rest)}` : String(first);
}

/** What the body says it closes is closed by who merged. */
async function closeIssues(world: GithubWorld, caller: Caller, pull: PullState, body: string): Promise<void> {
  const [owner, repo] = split(pull.repository);
  const { issues } = world.emulator.client(caller.token).rest;
  for (const [, number] of body.matchAll(CLOSING)) {
    const issue = { owner, repo, issue_number: Number(number) };
    if (world.pulls.find(pull.repository, issue.issue_number)) continue;
    const found = await issues.get(issue).catch(() => null);
    if (found?.data.state === 'open') await issues.update({ ...issue, state: 'closed', state_reason: 'completed' });
  }
}
