import type { Caller } from './github-credentials';
import { jsonResponse, errorResponse, type HttpResponse, type HttpRequest, type Json } from './github-http';
import { splitName } from './github-git-sync';
import type { PullRequestState } from './github-pull-request-store';
import { git } from './github-repositories';
import type { GithubState } from './github-state';

const CLOSING_KEYWORD = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d+)/gi;

/**
 * Merges in git and records the merge in the backend. The backend's own merge commit has the tree of the head and an outdated base;
 * it is replaced before anyone can see it.
 */
export async function mergePullRequest(
  github: GithubState,
  request: HttpRequest,
  caller: Caller,
  pullRequest: PullRequestState,
): Promise<HttpResponse> {
  const [owner, repo] = splitName(pullRequest.repository);
  const { data } = await github.backend
    .admin(pullRequest.repository)
    .rest.pulls.get({ owner, repo, pull_number: pullRequest.number });
  if (!pullRequest.isOpen) return errorResponse(405, 'Pull Request is not mergeable');
  if (data.draft) return errorResponse(405, 'Pull Request is still a draft');
  const { sha, merge_method: method = 'merge' } = request.json;
  if (sha !== undefined && sha !== pullRequest.headCommit) {
    return errorResponse(409, 'Head branch was modified. Review and try the merge again.');
  }
  if (method === 'rebase') return errorResponse(405, 'Rebase merges are not allowed on this repository.');
  const base = (await github.repositories.branch(pullRequest.repository, pullRequest.baseBranch)) ?? '';
  const tree = await github.repositories.mergeTree(pullRequest.repository, base, pullRequest.headCommit);
  if (!tree) return errorResponse(405, 'Pull Request is not mergeable');
  const parents = method === 'squash' ? [base] : [base, pullRequest.headCommit];
  pullRequest.mergeCommit = await commit(
    github,
    pullRequest,
    caller.login,
    tree,
    parents,
    messageOf(request.json, pullRequest, data.title),
  );
  const merged = await github.backend.forward(request, { json: {} });
  if (merged.status !== 200) {
    pullRequest.mergeCommit = null;
    return merged;
  }
  pullRequest.isOpen = false;
  await github.repositories.setRef(
    pullRequest.repository,
    `refs/heads/${pullRequest.baseBranch}`,
    pullRequest.mergeCommit,
  );
  await github.publish(pullRequest.repository, caller.login);
  const isDefault = (await github.repositories.defaultBranch(pullRequest.repository)) === pullRequest.baseBranch;
  if (isDefault) await closeIssues(github, caller, pullRequest, data.body ?? '');
  return jsonResponse(200, { sha: pullRequest.mergeCommit, merged: true, message: 'Pull Request successfully merged' });
}

async function commit(
  github: GithubState,
  pullRequest: PullRequestState,
  login: string,
  tree: string,
  parents: string[],
  message: string,
): Promise<string> {
  const path = github.repositories.path(pullRequest.repository);
  const env = {
    GIT_AUTHOR_NAME: login,
    GIT_AUTHOR_EMAIL: `${login}@users.noreply.github.com`,
    GIT_COMMITTER_NAME: 'GitHub',
    GIT_COMMITTER_EMAIL: 'noreply@github.com',
  };
  const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent])];
  return (await git(path, args, { input: `${message}\n`, env })).text;
}

function messageOf(options: Json, pullRequest: PullRequestState, title: string): string {
  const isSquash = options.merge_method === 'squash';
  const from = `${pullRequest.headRepository.split('/')[0]}/${pullRequest.headBranch}`;
  const first =
    options.commit_title ??
    (isSquash ? `${title} (#${pullRequest.number})` : `Merge pull request #${pullRequest.number} from ${from}`);
  const rest = options.commit_message ?? (isSquash ? '' : title);
  return rest ? `${String(first)}\n\n${String(rest)}` : String(first);
}

/** Closes the issues that the body names with a closing keyword, as the user who merged. */
async function closeIssues(
  github: GithubState,
  caller: Caller,
  pullRequest: PullRequestState,
  body: string,
): Promise<void> {
  const [owner, repo] = splitName(pullRequest.repository);
  const { issues } = github.backend.client(caller.token).rest;
  for (const [, number] of body.matchAll(CLOSING_KEYWORD)) {
    const issue = { owner, repo, issue_number: Number(number) };
    if (github.pulls.find(pullRequest.repository, issue.issue_number)) continue;
    const found = await issues.get(issue).catch(() => null);
    if (found?.data.state === 'open') await issues.update({ ...issue, state: 'closed', state_reason: 'completed' });
  }
}
