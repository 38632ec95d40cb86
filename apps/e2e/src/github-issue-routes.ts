import {
  jsonResponse,
  isJson,
  pagedResponse,
  errorResponse,
  type HttpResponse,
  type HttpRequest,
  type Json,
} from './github-http';
import { splitName } from './github-git-sync';
import { asIssue } from './github-payloads';
import type { GithubState, Route } from './github-state';

/** A reaction of a user. */
export interface Reaction {
  id: number;
  /** API path of its subject, such as `/repos/owner/name/issues/comments/3`. */
  on: string;
  content: string;
  login: string;
}

/** GitHub's issues, which include pull requests, and reactions. */
export function issueRoutes(github: GithubState, reactions: Reaction[]): Route[] {
  return [
    {
      method: 'GET',
      path: /^\/repos\/([^/]+\/[^/]+)\/issues$/,
      handle: (request, _caller, name) => list(github, request, name!),
    },
    { method: 'POST', path: /^\/repos\/([^/]+\/[^/]+)\/issues$/, handle: (request) => open(github, request) },
    {
      method: 'GET',
      path: /^\/repos\/([^/]+\/[^/]+)\/issues\/(\d+)$/,
      handle: (_request, _caller, name, number) => pullRequestAsIssue(github, name!, Number(number)),
    },
    {
      method: 'GET',
      path: /^\/repos\/([^/]+\/[^/]+)\/issues\/(\d+)\/(?:events|timeline)$/,
      handle: (request, _caller, name, number) => {
        const pullRequest = github.pulls.find(name!, Number(number));
        return pullRequest ? pagedResponse(request, github.origin, pullRequest.events) : null;
      },
    },
    {
      method: 'GET',
      path: /^\/repos\/([^/]+\/[^/]+)\/(issues|pulls)\/comments$/,
      handle: (request, _caller, name, kind) => comments(github, request, name!, kind!),
    },
    {
      method: 'POST',
      path: /^(\/repos\/[^/]+\/[^/]+\/(?:issues|issues\/comments|pulls\/comments)\/\d+)\/reactions$/,
      handle: (request, caller, on) => react(reactions, on!, caller.login, request.json.content),
    },
    {
      method: 'GET',
      path: /^\/repos\/([^/]+\/[^/]+)\/collaborators\/([^/]+)\/permission$/,
      handle: (request, _caller, name, login) => permission(github, request, name!, login!),
    },
  ];
}

/** Lists the comments of a repository. The backend mistakes `comments` for an issue number. */
async function comments(github: GithubState, request: HttpRequest, name: string, kind: string): Promise<HttpResponse> {
  const [owner, repo] = splitName(name);
  const api = github.backend.admin(name);
  const { issues, pulls } = api.rest;
  const pullRequestNumbers = github.pulls.all
    .filter(({ repository }) => repository === name)
    .map(({ number }) => number);
  const found = [];
  if (kind === 'pulls') {
    for (const pull_number of pullRequestNumbers) {
      found.push(...(await api.paginate(pulls.listReviewComments, { owner, repo, pull_number, per_page: 100 })));
    }
  } else {
    const open = await api.paginate(issues.listForRepo, { owner, repo, state: 'all', per_page: 100 });
    for (const issue_number of [...open.map(({ number }) => number), ...pullRequestNumbers]) {
      found.push(...(await api.paginate(issues.listComments, { owner, repo, issue_number, per_page: 100 })));
    }
  }
  return pagedResponse(
    request,
    github.origin,
    filteredAndSorted(github.toGithubFormat(found) as unknown as Json[], request.query, 'id'),
  );
}

/** Applies `since`, `sort` and `direction`. */
function filteredAndSorted(items: Json[], query: URLSearchParams, tieBreak: string): Json[] {
  const since = Date.parse(query.get('since') ?? '1970-01-01');
  const sort = query.get('sort') ?? 'created';
  const isAscending = (query.get('direction') ?? (tieBreak === 'id' ? 'asc' : 'desc')) === 'asc';
  const key = (item: Json) => (sort === 'comments' ? Number(item.comments) : Date.parse(String(item[`${sort}_at`])));
  return items
    .filter((item) => Date.parse(String(item.updated_at)) >= since)
    .sort((a, b) => (isAscending ? 1 : -1) * (key(a) - key(b) || Number(a[tieBreak]) - Number(b[tieBreak])));
}

/** Lists issues with the pull requests, which the backend omits. */
async function list(github: GithubState, request: HttpRequest, name: string): Promise<HttpResponse> {
  const query = new URLSearchParams(request.query);
  query.set('per_page', '100');
  query.delete('since');
  const issues: Json[] = [];
  for (let page = 1; ; page++) {
    query.set('page', String(page));
    const found = await github.backend.forward(request, { url: `${request.path}?${query}` });
    if (found.status !== 200) return found;
    const items = JSON.parse(found.body.toString()) as Json[];
    issues.push(...items);
    if (items.length < 100) break;
  }
  issues.push(...(await pullRequestsAsIssues(github, name, request.query)));
  return pagedResponse(
    request,
    github.origin,
    filteredAndSorted(github.toGithubFormat(issues), request.query, 'number'),
  );
}

async function pullRequestsAsIssues(github: GithubState, name: string, query: URLSearchParams): Promise<Json[]> {
  const [owner, repo] = splitName(name);
  const api = github.backend.admin(name);
  const pulls = await api.paginate(api.rest.pulls.list, { owner, repo, state: 'all', per_page: 100 });
  const state = query.get('state') ?? 'open';
  const labels = query.get('labels')?.split(',').filter(Boolean) ?? [];
  const creator = query.get('creator');
  const has = (pullRequest: (typeof pulls)[number], label: string) =>
    pullRequest.labels.some((one) => one.name === label);
  return pulls
    .filter((pullRequest) => state === 'all' || pullRequest.state === state)
    .filter(
      (pullRequest) =>
        labels.every((label) => has(pullRequest, label)) && (!creator || pullRequest.user?.login === creator),
    )
    .filter(() => !query.get('assignee') && !query.get('milestone'))
    .map((pullRequest) => asIssue(github.toGithubFormat(pullRequest) as Json));
}

async function pullRequestAsIssue(github: GithubState, name: string, number: number): Promise<HttpResponse | null> {
  if (!github.pulls.find(name, number)) return null;
  const [owner, repo] = splitName(name);
  const { data } = await github.backend.admin(name).rest.pulls.get({ owner, repo, pull_number: number });
  return jsonResponse(200, asIssue(github.toGithubFormat(data) as Json));
}

/** Opens the issue first and then sets labels and assignees, because GitHub sends separate events, which the backend omits. */
async function open(github: GithubState, request: HttpRequest): Promise<HttpResponse | null> {
  const { labels, assignees, ...rest } = request.json;
  const isPlain = ![labels, assignees].some((list) => Array.isArray(list) && list.length > 0);
  if (isPlain) return null;
  const opened = await github.backend.forward(request, { json: rest });
  if (opened.status !== 201) return opened;
  const { number } = JSON.parse(opened.body.toString()) as Json;
  const change = { ...(labels ? { labels } : {}), ...(assignees ? { assignees } : {}) };
  const full = await github.backend.forward(request, {
    method: 'PATCH',
    url: `${request.path}/${String(number)}`,
    json: change,
  });
  return full.status === 200 ? { ...full, status: 201 } : full;
}

function react(reactions: Reaction[], on: string, login: string, content: unknown): HttpResponse {
  if (typeof content !== 'string') return errorResponse(422, 'Validation Failed');
  const same = reactions.find((one) => one.on === on && one.login === login && one.content === content);
  const reaction = same ?? { id: reactions.length + 1, on, content, login };
  if (!same) reactions.push(reaction);
  const body = {
    id: reaction.id,
    node_id: `R_${reaction.id}`,
    user: { login },
    content,
    created_at: '2026-01-01T00:00:00Z',
  };
  return jsonResponse(same ? 200 : 201, body);
}

/** Returns one of GitHub's four permissions, also for users who are not collaborators. */
async function permission(
  github: GithubState,
  request: HttpRequest,
  name: string,
  login: string,
): Promise<HttpResponse> {
  const found = await github.backend.forward(request);
  const body: unknown = JSON.parse(found.body.toString());
  if (found.status === 200 && isJson(body)) {
    const role = String(body.role_name);
    const legacy = role === 'maintain' ? 'write' : role === 'triage' ? 'read' : role;
    return jsonResponse(200, { ...body, permission: legacy });
  }
  if (found.status !== 404) return found;
  const [owner, repo] = splitName(name);
  const api = github.backend.admin(name).rest;
  const user = await api.users.getByUsername({ username: decodeURIComponent(login) }).catch(() => null);
  if (!user) return found;
  const { data } = await api.repos.get({ owner, repo });
  const none = data.private ? 'none' : 'read';
  return jsonResponse(200, { permission: none, role_name: none, user: user.data });
}
