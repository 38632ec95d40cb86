import { answer, invalid, isJson, paged, refusal, type Answer, type Call, type Json } from './github-http';
import type { Caller } from './github-credentials';
import { mergePull } from './github-merge';
import { split } from './github-mirror';
import { withoutDetails } from './github-payloads';
import type { PullState } from './github-pull-book';
import type { GithubWorld, Route } from './github-world';

const ONE = /^\/repos\/([^/]+\/[^/]+)\/pulls\/(\d+)$/;
const LIST = /^\/repos\/([^/]+\/[^/]+)\/pulls$/;

/** Pull requests as GitHub has them: about real commits, each open only once. */
export function pullRoutes(world: GithubWorld): Route[] {
  const within = (rest: string) => new RegExp(`^/repos/([^/]+/[^/]+)/pulls/(\\d+)/${rest}$`);
  const of = (handle: (call: Call, caller: Caller, pull: PullState, more: string) => Promise<Answer | null>) => {
    return (call: Call, caller: Caller, ...[name = '', number, more = '']: string[]) => {
      const pull = world.pulls.find(name, Number(number));
      return pull ? handle(call, caller, pull, more) : refusal(404, 'Not Found');
    };
  };
  return [
    { method: 'GET', path: LIST, handle: (call) => list(world, call) },
    {
      method: 'POST',
      path: LIST,
      handle: (call, caller, name) => world.exclusive(() => open(world, call, caller, name!)),
    },
    { method: 'GET', path: ONE, handle: of((call, _caller, pull) => get(world, call, pull)) },
    { method: 'PATCH', path: ONE, handle: of((call, _caller, pull) => update(world, call, pull)) },
    {
      method: 'PUT',
      path: within('merge'),
      handle: of((call, caller, pull) => world.exclusive(() => mergePull(world, call, caller, pull))),
    },
    {
      method: 'GET',
      path: within('(files|commits)'),
      handle: of((call, _caller, pull, what) => compared(world, call, pull, what)),
    },
    {
      method: 'POST',
      path: within('requested_reviewers'),
      handle: of((call, _caller, pull) => refuseReviewers(world, call, pull)),
    },
    {
      method: 'PUT',
      path: within('update-branch'),
      handle: () => refusal(501, 'The stand-in does not update branches: push a merge.'),
    },
  ];
}

async function list(world: GithubWorld, call: Call): Promise<Answer> {
  const found = await world.emulator.forward(call);
  if (found.status !== 200) return found;
  const pulls = (world.amended(JSON.parse(found.body.toString())) as Json[]).map(withoutDetails);
  return answer(200, pulls, found.headers);
}

async function open(world: GithubWorld, call: Call, caller: Caller, name: string): Promise<Answer> {
  const { base, head } = call.json;
  const { repositories, pulls } = world;
  const [owner] = split(name);
  const [user, branch] = String(head).includes(':') ? String(head).split(/:(.*)/s) : [owner, String(head)];
  const forks = [...repositories.parents].filter(([, parent]) => parent === name).map(([fork]) => fork);
  const from = user === owner ? name : forks.find((fork) => fork.startsWith(`${user}/`));
  const problem = (field: string) => invalid({ resource: 'PullRequest', field, code: 'invalid' });
  const headCommit = from && (await repositories.branch(from, branch ?? ''));
  const baseCommit = await repositories.branch(name, String(base));
  if (!from || !headCommit) return problem('head');
  if (!baseCommit) return problem('base');
  if (pulls.openOf(from, branch ?? '').some((pull) => pull.repository === name && pull.baseBranch === base)) {
    const message = `A pull request already exists for ${user}:${branch}.`;
    return invalid({ resource: 'PullRequest', code: 'custom', message });
  }
  const known = from === name ? baseCommit : await repositories.branch(from, String(base));
  if ((await repositories.commitsBetween(from, headCommit, known)).length === 0) {
    const message = `No commits between ${String(base)} and ${String(head)}`;
    return invalid({ resource: 'PullRequest', code: 'custom', message });
  }
  const opened = await world.emulator.forward(call);
  if (opened.status !== 201) return opened;
  const { number, node_id: nodeId } = JSON.parse(opened.body.toString()) as { number: number; node_id: string };
  const pull: PullState = {
    ...{ repository: name, number, nodeId, author: caller.login, isOpen: true, baseBranch: String(base) },
    ...{ headRepository: from, headBranch: branch ?? '', headCommit },
    ...{ mergeCommit: null, touchedAt: null, mergeTried: null, events: [] },
  };
  await world.setHead(pull, headCommit);
  pulls.all.push(pull);
  return opened;
}

/** With what the emulator does not compute. */
async function get(world: GithubWorld, call: Call, pull: PullState): Promise<Answer> {
  const found = await world.emulator.forward(call);
  if (found.status !== 200) return found;
  const json = JSON.parse(found.body.toString()) as Json;
  const { files, commits } = await comparison(world, pull);
  const sum = (key: 'additions' | 'deletions') => files.reduce((all, file) => all + file[key], 0);
  const counts = {
    commits: commits.length,
    changed_files: files.length,
    additions: sum('additions'),
    deletions: sum('deletions'),
  };
  return answer(200, { ...json, ...counts, ...(pull.isOpen ? await mergeability(world, pull) : {}) });
}

/** GitHub tries the merge after it was asked: the first answer is null. */
async function mergeability(world: GithubWorld, pull: PullState): Promise<Json> {
  const base = (await world.repositories.branch(pull.repository, pull.baseBranch)) ?? '';
  const tried = `${base} ${pull.headCommit}`;
  if (pull.mergeTried !== tried) {
    pull.mergeTried = tried;
    return { mergeable: null, mergeable_state: 'unknown', rebaseable: null };
  }
  const isMergeable = (await world.repositories.mergeTree(pull.repository, base, pull.headCommit)) !== null;
  return { mergeable: isMergeable, mergeable_state: isMergeable ? 'clean' : 'dirty', rebaseable: isMergeable };
}

/** GitHub has no way to end a draft here: it is done by GraphQL. */
async function update(world: GithubWorld, call: Call, pull: PullState): Promise<Answer> {
  const { draft: _draft, ...change } = call.json;
  const updated = await world.emulator.forward(call, { json: change });
  if (updated.status === 200) pull.isOpen = (JSON.parse(updated.body.toString()) as Json).state === 'open';
  return updated;
}

async function comparison(world: GithubWorld, pull: PullState) {
  const [owner, repo] = split(pull.repository);
  const api = world.emulator.admin(pull.repository).rest;
  const { data } = await api.pulls.get({ owner, repo, pull_number: pull.number });
  const basehead = `${data.base.sha}...${pull.headCommit}`;
  const compared = await api.repos.compareCommitsWithBasehead({ owner, repo, basehead });
  return { files: compared.data.files ?? [], commits: compared.data.commits };
}

async function compared(world: GithubWorld, call: Call, pull: PullState, what: string): Promise<Answer> {
  const { files, commits } = await comparison(world, pull);
  return paged(call, world.origin, what === 'files' ? files : commits);
}

/** GitHub asks neither the author nor strangers. */
async function refuseReviewers(world: GithubWorld, call: Call, pull: PullState): Promise<Answer | null> {
  const { reviewers } = call.json;
  const [owner, repo] = split(pull.repository);
  const api = world.emulator.admin(pull.repository).rest.repos;
  for (const username of Array.isArray(reviewers) ? reviewers.map(String) : []) {
    if (username === pull.author) return refusal(422, 'Review cannot be requested from pull request author.');
    const known = await api.getCollaboratorPermissionLevel({ owner, repo, username }).catch(() => null);
    if (!known) {
      const who = 'One or more of the users or teams you specified is not a collaborator';
      return refusal(
        422,
        `Reviews may only be requested from collaborators. ${who} of the ${pull.repository} repository.`,
      );
    }
  }
  return null;
}

/** Ends and begins drafts. Other queries are refused. */
export async function graphql(world: GithubWorld, call: Call, caller: Caller): Promise<Answer> {
  const { query, variables } = call.json;
  const mutation = /markPullRequestReadyForReview|convertPullRequestToDraft/.exec(String(query))?.[0];
  if (!mutation) return answer(200, { errors: [{ message: 'The stand-in knows this query not.' }] });
  const text = `${String(query)} ${JSON.stringify(isJson(variables) ? variables : {})}`;
  const pull = world.pulls.all.find((one) => text.includes(one.nodeId));
  if (!pull) {
    const error = { type: 'NOT_FOUND', path: [mutation], message: 'Could not resolve to a node with the global id.' };
    return answer(200, { data: { [mutation]: null }, errors: [error] });
  }
  const isDraft = mutation === 'convertPullRequestToDraft';
  const url = `/repos/${pull.repository}/pulls/${pull.number}`;
  const updated = await world.emulator.forward(call, { method: 'PATCH', url, json: { draft: isDraft } });
  if (updated.status !== 200)
    return answer(200, { data: null, errors: [{ type: 'FORBIDDEN', message: 'Resource not accessible' }] });
  const json = JSON.parse(updated.body.toString()) as Json;
  const action = isDraft ? 'converted_to_draft' : 'ready_for_review';
  await world.send('pull_request', pull.repository, caller.login, { action, pull_request: json });
  const pullRequest = { id: pull.nodeId, number: pull.number, isDraft, url: json.html_url };
  return answer(200, { data: { [mutation]: { clientMutationId: null, pullRequest } } });
}
