import { answer, invalid, isJson, paged, refusal, type Answer, type Call, type Json } from './github-http';
import type { Caller } from './github-credentials';
import { mergePullRequest } from './github-merge';
import { split } from './github-git-sync';
import { withoutDetails } from './github-payloads';
import type { PullRequestState } from './github-pull-request-store';
import type { GithubState, Route } from './github-state';

const ONE = /^\/repos\/([^/]+\/[^/]+)\/pulls\/(\d+)$/;
const LIST = /^\/repos\/([^/]+\/[^/]+)\/pulls$/;

/** Pull requests as GitHub has them: about real commits, each open only once. */
export function pullRequestRoutes(github: GithubState): Route[] {
  const within = (rest: string) => new RegExp(`^/repos/([^/]+/[^/]+)/pulls/(\\d+)/${rest}$`);
  const of = (
    handle: (call: Call, caller: Caller, pullRequest: PullRequestState, more: string) => Promise<Answer | null>,
  ) => {
    return (call: Call, caller: Caller, ...[name = '', number, more = '']: string[]) => {
      const pullRequest = github.pulls.find(name, Number(number));
      return pullRequest ? handle(call, caller, pullRequest, more) : refusal(404, 'Not Found');
    };
  };
  return [
    { method: 'GET', path: LIST, handle: (call) => list(github, call) },
    {
      method: 'POST',
      path: LIST,
      handle: (call, caller, name) => github.exclusive(() => open(github, call, caller, name!)),
    },
    { method: 'GET', path: ONE, handle: of((call, _caller, pullRequest) => get(github, call, pullRequest)) },
    { method: 'PATCH', path: ONE, handle: of((call, _caller, pullRequest) => update(github, call, pullRequest)) },
    {
      method: 'PUT',
      path: within('merge'),
      handle: of((call, caller, pullRequest) =>
        github.exclusive(() => mergePullRequest(github, call, caller, pullRequest)),
      ),
    },
    {
      method: 'GET',
      path: within('(files|commits)'),
      handle: of((call, _caller, pullRequest, what) => compared(github, call, pullRequest, what)),
    },
    {
      method: 'POST',
      path: within('requested_reviewers'),
      handle: of((call, _caller, pullRequest) => refuseReviewers(github, call, pullRequest)),
    },
    {
      method: 'PUT',
      path: within('update-branch'),
      handle: () => refusal(501, 'The stand-in does not update branches: push a merge.'),
    },
  ];
}

async function list(github: GithubState, call: Call): Promise<Answer> {
  const found = await github.backend.forward(call);
  if (found.status !== 200) return found;
  const pulls = (github.amended(JSON.parse(found.body.toString())) as Json[]).map(withoutDetails);
  return answer(200, pulls, found.headers);
}

async function open(github: GithubState, call: Call, caller: Caller, name: string): Promise<Answer> {
  const { base, head } = call.json;
  const { repositories, pulls } = github;
  const [owner] = split(name);
  const [user, branch] = String(head).includes(':') ? String(head).split(/:(.*)/s) : [owner, String(head)];
  const forks = [...repositories.parents].filter(([, parent]) => parent === name).map(([fork]) => fork);
  const from = user === owner ? name : forks.find((fork) => fork.startsWith(`${user}/`));
  const problem = (field: string) => invalid({ resource: 'PullRequest', field, code: 'invalid' });
  const headCommit = from && (await repositories.branch(from, branch ?? ''));
  const baseCommit = await repositories.branch(name, String(base));
  if (!from || !headCommit) return problem('head');
  if (!baseCommit) return problem('base');
  if (
    pulls
      .openOf(from, branch ?? '')
      .some((pullRequest) => pullRequest.repository === name && pullRequest.baseBranch === base)
  ) {
    const message = `A pull request already exists for ${user}:${branch}.`;
    return invalid({ resource: 'PullRequest', code: 'custom', message });
  }
  const known = from === name ? baseCommit : await repositories.branch(from, String(base));
  if ((await repositories.commitsBetween(from, headCommit, known)).length === 0) {
    const message = `No commits between ${String(base)} and ${String(head)}`;
    return invalid({ resource: 'PullRequest', code: 'custom', message });
  }
  const opened = await github.backend.forward(call);
  if (opened.status !== 201) return opened;
  const { number, node_id: nodeId } = JSON.parse(opened.body.toString()) as { number: number; node_id: string };
  const pullRequest: PullRequestState = {
    ...{ repository: name, number, nodeId, author: caller.login, isOpen: true, baseBranch: String(base) },
    ...{ headRepository: from, headBranch: branch ?? '', headCommit },
    ...{ mergeCommit: null, touchedAt: null, mergeTried: null, events: [] },
  };
  await github.setHead(pullRequest, headCommit);
  pulls.all.push(pullRequest);
  return opened;
}

/** With what the emulator does not compute. */
async function get(github: GithubState, call: Call, pullRequest: PullRequestState): Promise<Answer> {
  const found = await github.backend.forward(call);
  if (found.status !== 200) return found;
  const json = JSON.parse(found.body.toString()) as Json;
  const { files, commits } = await comparison(github, pullRequest);
  const sum = (key: 'additions' | 'deletions') => files.reduce((all, file) => all + file[key], 0);
  const counts = {
    commits: commits.length,
    changed_files: files.length,
    additions: sum('additions'),
    deletions: sum('deletions'),
  };
  return answer(200, { ...json, ...counts, ...(pullRequest.isOpen ? await mergeability(github, pullRequest) : {}) });
}

/** GitHub tries the merge after it was asked: the first answer is null. */
async function mergeability(github: GithubState, pullRequest: PullRequestState): Promise<Json> {
  const base = (await github.repositories.branch(pullRequest.repository, pullRequest.baseBranch)) ?? '';
  const tried = `${base} ${pullRequest.headCommit}`;
  if (pullRequest.mergeTried !== tried) {
    pullRequest.mergeTried = tried;
    return { mergeable: null, mergeable_state: 'unknown', rebaseable: null };
  }
  const isMergeable =
    (await github.repositories.mergeTree(pullRequest.repository, base, pullRequest.headCommit)) !== null;
  return { mergeable: isMergeable, mergeable_state: isMergeable ? 'clean' : 'dirty', rebaseable: isMergeable };
}

/** GitHub has no way to end a draft here: it is done by GraphQL. */
async function update(github: GithubState, call: Call, pullRequest: PullRequestState): Promise<Answer> {
  const { draft: _draft, ...change } = call.json;
  const updated = await github.backend.forward(call, { json: change });
  if (updated.status === 200) pullRequest.isOpen = (JSON.parse(updated.body.toString()) as Json).state === 'open';
  return updated;
}

async function comparison(github: GithubState, pullRequest: PullRequestState) {
  const [owner, repo] = split(pullRequest.repository);
  const api = github.backend.admin(pullRequest.repository).rest;
  const { data } = await api.pulls.get({ owner, repo, pull_number: pullRequest.number });
  const basehead = `${data.base.sha}...${pullRequest.headCommit}`;
  const compared = await api.repos.compareCommitsWithBasehead({ owner, repo, basehead });
  return { files: compared.data.files ?? [], commits: compared.data.commits };
}

async function compared(github: GithubState, call: Call, pullRequest: PullRequestState, what: string): Promise<Answer> {
  const { files, commits } = await comparison(github, pullRequest);
  return paged(call, github.origin, what === 'files' ? files : commits);
}

/** GitHub asks neither the author nor strangers. */
async function refuseReviewers(github: GithubState, call: Call, pullRequest: PullRequestState): Promise<Answer | null> {
  const { reviewers } = call.json;
  const [owner, repo] = split(pullRequest.repository);
  const api = github.backend.admin(pullRequest.repository).rest.repos;
  for (const username of Array.isArray(reviewers) ? reviewers.map(String) : []) {
    if (username === pullRequest.author) return refusal(422, 'Review cannot be requested from pull request author.');
    const known = await api.getCollaboratorPermissionLevel({ owner, repo, username }).catch(() => null);
    if (!known) {
      const who = 'One or more of the users or teams you specified is not a collaborator';
      return refusal(
        422,
        `Reviews may only be requested from collaborators. ${who} of the ${pullRequest.repository} repository.`,
      );
    }
  }
  return null;
}

/** Ends and begins drafts. Other queries are refused. */
export async function graphql(github: GithubState, call: Call, caller: Caller): Promise<Answer> {
  const { query, variables } = call.json;
  const mutation = /markPullRequestReadyForReview|convertPullRequestToDraft/.exec(String(query))?.[0];
  if (!mutation) return answer(200, { errors: [{ message: 'The stand-in knows this query not.' }] });
  const text = `${String(query)} ${JSON.stringify(isJson(variables) ? variables : {})}`;
  const pullRequest = github.pulls.all.find((one) => text.includes(one.nodeId));
  if (!pullRequest) {
    const error = { type: 'NOT_FOUND', path: [mutation], message: 'Could not resolve to a node with the global id.' };
    return answer(200, { data: { [mutation]: null }, errors: [error] });
  }
  const isDraft = mutation === 'convertPullRequestToDraft';
  const url = `/repos/${pullRequest.repository}/pulls/${pullRequest.number}`;
  const updated = await github.backend.forward(call, { method: 'PATCH', url, json: { draft: isDraft } });
  if (updated.status !== 200)
    return answer(200, { data: null, errors: [{ type: 'FORBIDDEN', message: 'Resource not accessible' }] });
  const json = JSON.parse(updated.body.toString()) as Json;
  const action = isDraft ? 'converted_to_draft' : 'ready_for_review';
  await github.send('pull_request', pullRequest.repository, caller.login, { action, pull_request: json });
  const result = { id: pullRequest.nodeId, number: pullRequest.number, isDraft, url: json.html_url };
  return answer(200, { data: { [mutation]: { clientMutationId: null, pullRequest: result } } });
}
