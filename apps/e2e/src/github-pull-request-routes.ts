import {
  jsonResponse,
  validationFailed,
  isJson,
  pagedResponse,
  errorResponse,
  type HttpResponse,
  type HttpRequest,
  type Json,
} from './github-http';
import type { Caller } from './github-credentials';
import { mergePullRequest } from './github-merge';
import { splitName } from './github-git-sync';
import { withoutDetails } from './github-payloads';
import type { PullRequestState } from './github-pull-request-store';
import type { GithubState, Route } from './github-state';

const PULL_REQUEST_PATH = /^\/repos\/([^/]+\/[^/]+)\/pulls\/(\d+)$/;
const PULL_REQUESTS_PATH = /^\/repos\/([^/]+\/[^/]+)\/pulls$/;

/** GitHub's pull requests: with real commits, and one open pull request per head and base. */
export function pullRequestRoutes(github: GithubState): Route[] {
  const within = (rest: string) => new RegExp(`^/repos/([^/]+/[^/]+)/pulls/(\\d+)/${rest}$`);
  const of = (
    handle: (
      request: HttpRequest,
      caller: Caller,
      pullRequest: PullRequestState,
      more: string,
    ) => Promise<HttpResponse | null>,
  ) => {
    return (request: HttpRequest, caller: Caller, ...[name = '', number, more = '']: string[]) => {
      const pullRequest = github.pulls.find(name, Number(number));
      return pullRequest ? handle(request, caller, pullRequest, more) : errorResponse(404, 'Not Found');
    };
  };
  return [
    { method: 'GET', path: PULL_REQUESTS_PATH, handle: (request) => list(github, request) },
    {
      method: 'POST',
      path: PULL_REQUESTS_PATH,
      handle: (request, caller, name) => github.exclusive(() => open(github, request, caller, name!)),
    },
    {
      method: 'GET',
      path: PULL_REQUEST_PATH,
      handle: of((request, _caller, pullRequest) => get(github, request, pullRequest)),
    },
    {
      method: 'PATCH',
      path: PULL_REQUEST_PATH,
      handle: of((request, _caller, pullRequest) => update(github, request, pullRequest)),
    },
    {
      method: 'PUT',
      path: within('merge'),
      handle: of((request, caller, pullRequest) =>
        github.exclusive(() => mergePullRequest(github, request, caller, pullRequest)),
      ),
    },
    {
      method: 'GET',
      path: within('(files|commits)'),
      handle: of((request, _caller, pullRequest, what) => compared(github, request, pullRequest, what)),
    },
    {
      method: 'POST',
      path: within('requested_reviewers'),
      handle: of((request, _caller, pullRequest) => rejectReviewers(github, request, pullRequest)),
    },
    {
      method: 'PUT',
      path: within('update-branch'),
      handle: () => errorResponse(501, 'The emulator does not update branches. Push a merge instead.'),
    },
  ];
}

async function list(github: GithubState, request: HttpRequest): Promise<HttpResponse> {
  const found = await github.backend.forward(request);
  if (found.status !== 200) return found;
  const pulls = (github.toGithubFormat(JSON.parse(found.body.toString())) as Json[]).map(withoutDetails);
  return jsonResponse(200, pulls, found.headers);
}

async function open(github: GithubState, request: HttpRequest, caller: Caller, name: string): Promise<HttpResponse> {
  const { base, head } = request.json;
  const { repositories, pulls } = github;
  const [owner] = splitName(name);
  const [user, branch] = String(head).includes(':') ? String(head).split(/:(.*)/s) : [owner, String(head)];
  const forks = [...repositories.parents].filter(([, parent]) => parent === name).map(([fork]) => fork);
  const from = user === owner ? name : forks.find((fork) => fork.startsWith(`${user}/`));
  const problem = (field: string) => validationFailed({ resource: 'PullRequest', field, code: 'invalid' });
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
    return validationFailed({ resource: 'PullRequest', code: 'custom', message });
  }
  const known = from === name ? baseCommit : await repositories.branch(from, String(base));
  if ((await repositories.commitsBetween(from, headCommit, known)).length === 0) {
    const message = `No commits between ${String(base)} and ${String(head)}`;
    return validationFailed({ resource: 'PullRequest', code: 'custom', message });
  }
  const opened = await github.backend.forward(request);
  if (opened.status !== 201) return opened;
  const { number, node_id: nodeId } = JSON.parse(opened.body.toString()) as { number: number; node_id: string };
  const pullRequest: PullRequestState = {
    ...{ repository: name, number, nodeId, author: caller.login, isOpen: true, baseBranch: String(base) },
    ...{ headRepository: from, headBranch: branch ?? '', headCommit },
    ...{ mergeCommit: null, pushedAt: null, mergeabilityKey: null, events: [] },
  };
  await github.setHead(pullRequest, headCommit);
  pulls.all.push(pullRequest);
  return opened;
}

/** Returns a pull request with the fields that the backend does not compute. */
async function get(github: GithubState, request: HttpRequest, pullRequest: PullRequestState): Promise<HttpResponse> {
  const found = await github.backend.forward(request);
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
  return jsonResponse(200, {
    ...json,
    ...counts,
    ...(pullRequest.isOpen ? await mergeability(github, pullRequest) : {}),
  });
}

/** GitHub computes mergeability in the background: the first response contains null. */
async function mergeability(github: GithubState, pullRequest: PullRequestState): Promise<Json> {
  const base = (await github.repositories.branch(pullRequest.repository, pullRequest.baseBranch)) ?? '';
  const key = `${base} ${pullRequest.headCommit}`;
  if (pullRequest.mergeabilityKey !== key) {
    pullRequest.mergeabilityKey = key;
    return { mergeable: null, mergeable_state: 'unknown', rebaseable: null };
  }
  const isMergeable =
    (await github.repositories.mergeTree(pullRequest.repository, base, pullRequest.headCommit)) !== null;
  return { mergeable: isMergeable, mergeable_state: isMergeable ? 'clean' : 'dirty', rebaseable: isMergeable };
}

/** Ignores `draft`, which can be changed by GraphQL only. */
async function update(github: GithubState, request: HttpRequest, pullRequest: PullRequestState): Promise<HttpResponse> {
  const { draft: _draft, ...change } = request.json;
  const updated = await github.backend.forward(request, { json: change });
  if (updated.status === 200) pullRequest.isOpen = (JSON.parse(updated.body.toString()) as Json).state === 'open';
  return updated;
}

async function comparison(github: GithubState, pullRequest: PullRequestState) {
  const [owner, repo] = splitName(pullRequest.repository);
  const api = github.backend.admin(pullRequest.repository).rest;
  const { data } = await api.pulls.get({ owner, repo, pull_number: pullRequest.number });
  const basehead = `${data.base.sha}...${pullRequest.headCommit}`;
  const compared = await api.repos.compareCommitsWithBasehead({ owner, repo, basehead });
  return { files: compared.data.files ?? [], commits: compared.data.commits };
}

async function compared(
  github: GithubState,
  request: HttpRequest,
  pullRequest: PullRequestState,
  what: string,
): Promise<HttpResponse> {
  const { files, commits } = await comparison(github, pullRequest);
  return pagedResponse(request, github.origin, what === 'files' ? files : commits);
}

/** Returns 422 for the author and for users without access; null forwards the request to the backend. */
async function rejectReviewers(
  github: GithubState,
  request: HttpRequest,
  pullRequest: PullRequestState,
): Promise<HttpResponse | null> {
  const { reviewers } = request.json;
  const [owner, repo] = splitName(pullRequest.repository);
  const api = github.backend.admin(pullRequest.repository).rest.repos;
  for (const username of Array.isArray(reviewers) ? reviewers.map(String) : []) {
    if (username === pullRequest.author)
      return errorResponse(422, 'Review cannot be requested from pull request author.');
    const known = await api.getCollaboratorPermissionLevel({ owner, repo, username }).catch(() => null);
    if (!known) {
      const who = 'One or more of the users or teams you specified is not a collaborator';
      return errorResponse(
        422,
        `Reviews may only be requested from collaborators. ${who} of the ${pullRequest.repository} repository.`,
      );
    }
  }
  return null;
}

/** Handles the mutations that change the draft state. Returns an error for all other queries. */
export async function graphql(github: GithubState, request: HttpRequest, caller: Caller): Promise<HttpResponse> {
  const { query, variables } = request.json;
  const mutation = /markPullRequestReadyForReview|convertPullRequestToDraft/.exec(String(query))?.[0];
  if (!mutation) return jsonResponse(200, { errors: [{ message: 'The emulator does not support this query.' }] });
  const text = `${String(query)} ${JSON.stringify(isJson(variables) ? variables : {})}`;
  const pullRequest = github.pulls.all.find((one) => text.includes(one.nodeId));
  if (!pullRequest) {
    const error = { type: 'NOT_FOUND', path: [mutation], message: 'Could not resolve to a node with the global id.' };
    return jsonResponse(200, { data: { [mutation]: null }, errors: [error] });
  }
  const isDraft = mutation === 'convertPullRequestToDraft';
  const url = `/repos/${pullRequest.repository}/pulls/${pullRequest.number}`;
  const updated = await github.backend.forward(request, { method: 'PATCH', url, json: { draft: isDraft } });
  if (updated.status !== 200)
    return jsonResponse(200, { data: null, errors: [{ type: 'FORBIDDEN', message: 'Resource not accessible' }] });
  const json = JSON.parse(updated.body.toString()) as Json;
  const action = isDraft ? 'converted_to_draft' : 'ready_for_review';
  await github.send('pull_request', pullRequest.repository, caller.login, { action, pull_request: json });
  const result = { id: pullRequest.nodeId, number: pullRequest.number, isDraft, url: json.html_url };
  return jsonResponse(200, { data: { [mutation]: { clientMutationId: null, pullRequest: result } } });
}
