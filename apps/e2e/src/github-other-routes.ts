import type { Caller } from './github-credentials';
import {
  jsonResponse,
  pagedResponse,
  errorResponse,
  type HttpResponse,
  type HttpRequest,
  type Json,
} from './github-http';
import { splitName } from './github-git-sync';
import type { GithubState, Route } from './github-state';

/** A commit status, the predecessor of check runs. */
interface Status {
  repository: string;
  sha: string;
  context: string;
  state: string;
  json: Json;
}

/** Endpoints that the backend lacks: commit statuses, job logs, and some endpoints for apps. */
export function otherRoutes(github: GithubState): Route[] {
  const statuses: Status[] = [];
  const repo = '^/repos/([^/]+/[^/]+)';
  return [
    {
      method: 'POST',
      path: new RegExp(`${repo}/statuses/([0-9a-f]{40})$`),
      handle: (request, caller, name, sha) => setStatus(github, statuses, request, caller, name!, sha!),
    },
    {
      method: 'GET',
      path: new RegExp(`${repo}/commits/([^/]+)/status(es)?$`),
      handle: (request, _caller, name, ref, isList) =>
        readStatus(github, statuses, request, name!, decodeURIComponent(ref!), !!isList),
    },
    {
      method: 'GET',
      path: new RegExp(`${repo}/actions/jobs/(\\d+)/logs$`),
      handle: (_request, _caller, _name, id) =>
        github.logs.has(Number(id))
          ? jsonResponse(302, null, { location: `${github.origin}/_storage/logs/${id}` })
          : errorResponse(404, 'Not Found'),
    },
    {
      method: 'POST',
      path: new RegExp(`${repo}/actions/jobs/(\\d+)/rerun$`),
      handle: (_request, _caller, name, id) => rerun(github, name!, Number(id)),
    },
    {
      method: 'GET',
      path: new RegExp(`${repo}/check-runs/\\d+/annotations$`),
      handle: async (request) => {
        const found = await github.backend.forward(request);
        return found.status === 200 ? jsonResponse(200, jsonOf(found).check_annotations, found.headers) : found;
      },
    },
    {
      method: 'GET',
      path: /^\/installation\/repositories$/,
      handle: (request, caller) => installationRepositories(github, request, caller),
    },
    {
      method: 'DELETE',
      path: /^\/installation\/token$/,
      handle: (_request, caller) => {
        github.credentials.revoke(caller.token);
        return jsonResponse(204, null);
      },
    },
    {
      method: 'POST',
      path: /^\/app\/installations\/(\d+)\/access_tokens$/,
      handle: async (request, _caller, id) => {
        const issued = await github.backend.forward(request);
        if (issued.status === 201) github.credentials.storeIssued(Number(id), issued);
        return issued;
      },
    },
    {
      method: 'GET',
      path: /^\/app\/hook\/config$/,
      handle: (_request, caller) =>
        caller.kind === 'app'
          ? jsonResponse(200, {
              content_type: 'json',
              insecure_ssl: '0',
              secret: '********',
              url: github.webhooks.url ?? '',
            })
          : errorResponse(401, 'A JSON web token could not be decoded'),
    },
    {
      method: 'GET',
      path: /^\/app\/hook\/deliveries$/,
      handle: (request, caller) =>
        caller.kind === 'app'
          ? pagedResponse(request, github.origin, deliveries(github))
          : errorResponse(401, 'A JSON web token could not be decoded'),
    },
    {
      method: 'POST',
      path: new RegExp(`${repo}/check-runs/\\d+/rerequest$`),
      handle: (_request, caller) =>
        caller.kind === 'user'
          ? null
          : errorResponse(403, 'Only the app that created a check run can request it again.'),
    },
    {
      method: 'POST',
      path: new RegExp(`${repo}/forks$`),
      handle: (request, caller, name) => github.exclusive(() => fork(github, request, caller, name!)),
    },
    {
      method: 'DELETE',
      path: new RegExp(`${repo}/git/refs/heads/(.+)$`),
      handle: (_request, caller, name, branch) =>
        github.exclusive(() => deleteBranch(github, caller, name!, decodeURIComponent(branch!))),
    },
    ...['contents/.+', 'git/(?:refs|blobs|trees|commits|tags).*', 'merges'].flatMap((path) =>
      ['POST', 'PUT', 'PATCH', 'DELETE'].map((method) => ({
        method,
        path: new RegExp(`${repo}/${path}$`),
        handle: () => errorResponse(501, 'The emulator accepts commits by git push only.'),
      })),
    ),
  ];
}

function jsonOf(response: HttpResponse): Json {
  return JSON.parse(response.body.toString()) as Json;
}

async function setStatus(
  github: GithubState,
  all: Status[],
  request: HttpRequest,
  caller: Caller,
  name: string,
  sha: string,
) {
  const { context = 'default', state, description = null, target_url = null } = request.json;
  if (!(await github.repositories.commit(name, sha))) return errorResponse(422, `No commit found for SHA: ${sha}`);
  const now = new Date().toISOString().replace(/\.\d{3}Z$/, 'Z');
  const url = `${github.origin}/repos/${name}/statuses/${sha}`;
  const json = { id: all.length + 1, url, context, state, description, target_url, created_at: now, updated_at: now };
  all.push({ repository: name, sha, context: String(context), state: String(state), json });
  const payload = { id: json.id, sha, name, context, state, description, target_url, branches: [], created_at: now };
  await github.send('status', name, caller.login, { ...payload, updated_at: now });
  return jsonResponse(201, json);
}

async function readStatus(
  github: GithubState,
  all: Status[],
  request: HttpRequest,
  name: string,
  ref: string,
  isList: boolean,
): Promise<HttpResponse> {
  const branch = ref.replace(/^heads\//, '');
  const sha = (await github.repositories.branch(name, branch)) ?? (await github.repositories.commit(name, ref));
  if (!sha) return errorResponse(422, `No commit found for SHA: ${ref}`);
  const mine = all.filter((status) => status.repository === name && status.sha === sha).reverse();
  if (isList)
    return pagedResponse(
      request,
      github.origin,
      mine.map(({ json }) => json),
    );
  const newest = mine.filter((status, at) => mine.findIndex(({ context }) => context === status.context) === at);
  const states = newest.map(({ state }) => state);
  const failed = states.some((state) => state === 'failure' || state === 'error');
  const pending = states.length === 0 || states.includes('pending');
  const [owner, repo] = splitName(name);
  const { data } = await github.backend.admin(name).rest.repos.get({ owner, repo });
  const url = `${github.origin}/repos/${name}/commits/${sha}`;
  return jsonResponse(200, {
    state: failed ? 'failure' : pending ? 'pending' : 'success',
    statuses: newest.map(({ json }) => json),
    sha,
    total_count: newest.length,
    repository: data,
    commit_url: url,
    url: `${url}/status`,
  });
}

/** Returns webhook deliveries, newest first. */
function deliveries({ webhooks, app }: GithubState): Json[] {
  const tried = webhooks.log.filter(({ attempts }) => attempts.length > 0).reverse();
  return tried.map(({ number, id, event, action, attempts }) => {
    const code = attempts.at(-1) ?? 502;
    const times = { delivered_at: '2026-01-01T00:00:00Z', duration: 0.1, redelivery: attempts.length > 1 };
    const about = { event, action, installation_id: [...(app?.installations.values() ?? [])][0], repository_id: 1 };
    return {
      id: number,
      guid: id,
      ...times,
      status: code < 300 ? 'OK' : 'failed to connect',
      status_code: code,
      ...about,
    };
  });
}

/** Repeats a job of GitHub Actions, which creates a new check run. */
async function rerun(github: GithubState, name: string, id: number): Promise<HttpResponse> {
  if (!github.logs.has(id)) return errorResponse(404, 'Not Found');
  const [owner, repo] = splitName(name);
  const { checks } = github.backend.admin(name).rest;
  const old = await checks.get({ owner, repo, check_run_id: id }).catch(() => null);
  if (!old) return errorResponse(404, 'Not Found');
  await checks.create({ owner, repo, name: old.data.name, head_sha: old.data.head_sha, status: 'queued' });
  return jsonResponse(201, {});
}

async function installationRepositories(
  github: GithubState,
  request: HttpRequest,
  caller: Caller,
): Promise<HttpResponse> {
  const installation = github.credentials.installationOf(caller.token);
  const owner = [...(github.app?.installations ?? [])].find(([, id]) => id === installation)?.[0];
  if (!owner) return errorResponse(403, 'Resource not accessible by integration');
  const names = github.repositories.all.filter(
    (name) => name.startsWith(`${owner}/`) && !github.repositories.parents.has(name),
  );
  const api = github.backend.admin(names[0] ?? '').rest.repos;
  const found = await Promise.all(names.map(async (name) => (await api.get({ owner, repo: splitName(name)[1] })).data));
  return pagedResponse(request, github.origin, found, (repositories) => ({ total_count: found.length, repositories }));
}

/** Creates a fork with the branches of its parent; the backend creates a fork with an unrelated commit. */
async function fork(github: GithubState, request: HttpRequest, caller: Caller, parent: string): Promise<HttpResponse> {
  if (caller.kind !== 'user') return errorResponse(403, 'Resource not accessible by integration');
  const created = await github.backend.forward(request);
  if (created.status !== 202) return created;
  const name = String(jsonOf(created).full_name);
  await github.repositories.fork(parent, name);
  await github.importBranches(name);
  return created;
}

async function deleteBranch(github: GithubState, caller: Caller, name: string, branch: string): Promise<HttpResponse> {
  if (!(await github.repositories.branch(name, branch))) return errorResponse(422, 'Reference does not exist');
  await github.repositories.setRef(name, `refs/heads/${branch}`, null);
  await github.publish(name, caller.login);
  return jsonResponse(204, null);
}
