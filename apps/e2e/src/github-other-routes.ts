import type { Caller } from './github-credentials';
import { answer, paged, refusal, type Answer, type Call, type Json } from './github-http';
import { split } from './github-git-sync';
import type { GithubState, Route } from './github-state';

/** A commit status, as older CI reports it. */
interface Status {
  repository: string;
  sha: string;
  context: string;
  state: string;
  json: Json;
}

/** What the emulator has nothing of: commit statuses, logs of jobs, and some of what an app may ask. */
export function otherRoutes(github: GithubState): Route[] {
  const statuses: Status[] = [];
  const repo = '^/repos/([^/]+/[^/]+)';
  return [
    {
      method: 'POST',
      path: new RegExp(`${repo}/statuses/([0-9a-f]{40})$`),
      handle: (call, caller, name, sha) => setStatus(github, statuses, call, caller, name!, sha!),
    },
    {
      method: 'GET',
      path: new RegExp(`${repo}/commits/([^/]+)/status(es)?$`),
      handle: (call, _caller, name, ref, isList) =>
        readStatus(github, statuses, call, name!, decodeURIComponent(ref!), !!isList),
    },
    {
      method: 'GET',
      path: new RegExp(`${repo}/actions/jobs/(\\d+)/logs$`),
      handle: (_call, _caller, _name, id) =>
        github.logs.has(Number(id))
          ? answer(302, null, { location: `${github.origin}/_storage/logs/${id}` })
          : refusal(404, 'Not Found'),
    },
    {
      method: 'POST',
      path: new RegExp(`${repo}/actions/jobs/(\\d+)/rerun$`),
      handle: (_call, _caller, name, id) => rerun(github, name!, Number(id)),
    },
    {
      method: 'GET',
      path: new RegExp(`${repo}/check-runs/\\d+/annotations$`),
      handle: async (call) => {
        const found = await github.backend.forward(call);
        return found.status === 200 ? answer(200, jsonOf(found).check_annotations, found.headers) : found;
      },
    },
    {
      method: 'GET',
      path: /^\/installation\/repositories$/,
      handle: (call, caller) => installed(github, call, caller),
    },
    {
      method: 'DELETE',
      path: /^\/installation\/token$/,
      handle: (_call, caller) => {
        github.credentials.refuse(caller.token);
        return answer(204, null);
      },
    },
    {
      method: 'POST',
      path: /^\/app\/installations\/(\d+)\/access_tokens$/,
      handle: async (call, _caller, id) => {
        const minted = await github.backend.forward(call);
        if (minted.status === 201) github.credentials.remember(Number(id), minted);
        return minted;
      },
    },
    {
      method: 'GET',
      path: /^\/app\/hook\/config$/,
      handle: (_call, caller) =>
        caller.kind === 'app'
          ? answer(200, { content_type: 'json', insecure_ssl: '0', secret: '********', url: github.webhooks.url ?? '' })
          : refusal(401, 'A JSON web token could not be decoded'),
    },
    {
      method: 'GET',
      path: /^\/app\/hook\/deliveries$/,
      handle: (call, caller) =>
        caller.kind === 'app'
          ? paged(call, github.origin, deliveries(github))
          : refusal(401, 'A JSON web token could not be decoded'),
    },
    {
      method: 'POST',
      path: new RegExp(`${repo}/check-runs/\\d+/rerequest$`),
      handle: (_call, caller) =>
        caller.kind === 'person' ? null : refusal(403, 'Only the app that made a check run may request it again.'),
    },
    {
      method: 'POST',
      path: new RegExp(`${repo}/forks$`),
      handle: (call, caller, name) => github.exclusive(() => fork(github, call, caller, name!)),
    },
    {
      method: 'DELETE',
      path: new RegExp(`${repo}/git/refs/heads/(.+)$`),
      handle: (_call, caller, name, branch) =>
        github.exclusive(() => deleteBranch(github, caller, name!, decodeURIComponent(branch!))),
    },
    ...['contents/.+', 'git/(?:refs|blobs|trees|commits|tags).*', 'merges'].flatMap((path) =>
      ['POST', 'PUT', 'PATCH', 'DELETE'].map((method) => ({
        method,
        path: new RegExp(`${repo}/${path}$`),
        handle: () => refusal(501, 'The stand-in takes commits by git push only.'),
      })),
    ),
  ];
}

function jsonOf(given: Answer): Json {
  return JSON.parse(given.body.toString()) as Json;
}

async function setStatus(github: GithubState, all: Status[], call: Call, caller: Caller, name: string, sha: string) {
  const { context = 'default', state, description = null, target_url = null } = call.json;
  if (!(await github.repositories.commit(name, sha))) return refusal(422, `No commit found for SHA: ${sha}`);
  const now = new Date().toISOString().replace(/\.\d{3}Z$/, 'Z');
  const url = `${github.origin}/repos/${name}/statuses/${sha}`;
  const json = { id: all.length + 1, url, context, state, description, target_url, created_at: now, updated_at: now };
  all.push({ repository: name, sha, context: String(context), state: String(state), json });
  const payload = { id: json.id, sha, name, context, state, description, target_url, branches: [], created_at: now };
  await github.send('status', name, caller.login, { ...payload, updated_at: now });
  return answer(201, json);
}

async function readStatus(
  github: GithubState,
  all: Status[],
  call: Call,
  name: string,
  ref: string,
  isList: boolean,
): Promise<Answer> {
  const branch = ref.replace(/^heads\//, '');
  const sha = (await github.repositories.branch(name, branch)) ?? (await github.repositories.commit(name, ref));
  if (!sha) return refusal(422, `No commit found for SHA: ${ref}`);
  const mine = all.filter((status) => status.repository === name && status.sha === sha).reverse();
  if (isList)
    return paged(
      call,
      github.origin,
      mine.map(({ json }) => json),
    );
  const newest = mine.filter((status, at) => mine.findIndex(({ context }) => context === status.context) === at);
  const states = newest.map(({ state }) => state);
  const failed = states.some((state) => state === 'failure' || state === 'error');
  const pending = states.length === 0 || states.includes('pending');
  const [owner, repo] = split(name);
  const { data } = await github.backend.admin(name).rest.repos.get({ owner, repo });
  const url = `${github.origin}/repos/${name}/commits/${sha}`;
  return answer(200, {
    state: failed ? 'failure' : pending ? 'pending' : 'success',
    statuses: newest.map(({ json }) => json),
    sha,
    total_count: newest.length,
    repository: data,
    commit_url: url,
    url: `${url}/status`,
  });
}

/** The newest first. */
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

/** GitHub's own CI does it again: that is a new check. */
async function rerun(github: GithubState, name: string, id: number): Promise<Answer> {
  if (!github.logs.has(id)) return refusal(404, 'Not Found');
  const [owner, repo] = split(name);
  const { checks } = github.backend.admin(name).rest;
  const old = await checks.get({ owner, repo, check_run_id: id }).catch(() => null);
  if (!old) return refusal(404, 'Not Found');
  await checks.create({ owner, repo, name: old.data.name, head_sha: old.data.head_sha, status: 'queued' });
  return answer(201, {});
}

async function installed(github: GithubState, call: Call, caller: Caller): Promise<Answer> {
  const installation = github.credentials.installationOf(caller.token);
  const owner = [...(github.app?.installations ?? [])].find(([, id]) => id === installation)?.[0];
  if (!owner) return refusal(403, 'Resource not accessible by integration');
  const names = github.repositories.all.filter(
    (name) => name.startsWith(`${owner}/`) && !github.repositories.parents.has(name),
  );
  const api = github.backend.admin(names[0] ?? '').rest.repos;
  const found = await Promise.all(names.map(async (name) => (await api.get({ owner, repo: split(name)[1] })).data));
  return paged(call, github.origin, found, (repositories) => ({ total_count: found.length, repositories }));
}

/** The emulator begins a fork with a commit of its own: it gets what its parent has. */
async function fork(github: GithubState, call: Call, caller: Caller, parent: string): Promise<Answer> {
  if (caller.kind !== 'person') return refusal(403, 'Resource not accessible by integration');
  const made = await github.backend.forward(call);
  if (made.status !== 202) return made;
  const name = String(jsonOf(made).full_name);
  await github.repositories.fork(parent, name);
  await github.publishFirst(name);
  return made;
}

async function deleteBranch(github: GithubState, caller: Caller, name: string, branch: string): Promise<Answer> {
  if (!(await github.repositories.branch(name, branch))) return refusal(422, 'Reference does not exist');
  await github.repositories.setRef(name, `refs/heads/${branch}`, null);
  await github.publish(name, caller.login);
  return answer(204, null);
}
