import { isJson, type Json } from './github-http';
import type { PullRequestStore, PullRequestState } from './github-pull-request-store';

/** Fields that GitHub includes only in the response for a single pull request. */
const DETAILS = [
  'merged',
  'mergeable',
  'rebaseable',
  'mergeable_state',
  'merged_by',
  'comments',
  'review_comments',
  'maintainer_can_modify',
  'commits',
  'additions',
  'deletions',
  'changed_files',
];

/** State that the backend does not have. */
interface Amendments {
  pulls: PullRequestStore;
  logs: Map<number, string>;
}

/** Converts JSON of the backend to GitHub's format, recursively. */
export function toGithubFormat(value: unknown, amendments: Amendments): unknown {
  const { pulls, logs } = amendments;
  if (Array.isArray(value)) return value.map((item) => toGithubFormat(item, amendments));
  if (!isJson(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    timestamp(key, item) ?? toGithubFormat(item, amendments),
  ]);
  const json: Json = Object.fromEntries(entries);
  if (typeof json.login === 'string' && json.login.endsWith('[bot]')) json.type = 'Bot';
  if ('original_position' in json) amendReviewComment(json, pulls);
  if ('labels_url' in json && 'repository_url' in json) amendIssue(json, pulls);
  if ('check_suite' in json && 'head_sha' in json) json.app ??= appOf(logs.has(Number(json.id)));
  const state = stateOf(json, pulls);
  if (state) amendPullRequest(json, state);
  return json;
}

/** Returns a pull request as it appears in lists and webhooks. */
export function withoutDetails(pullRequest: unknown): unknown {
  if (!isJson(pullRequest)) return pullRequest;
  return Object.fromEntries(Object.entries(pullRequest).filter(([key]) => !DETAILS.includes(key)));
}

/** Returns a pull request as an issue. */
export function asIssue(pullRequest: Json): Json {
  const pick = (...keys: string[]) => Object.fromEntries(keys.map((key) => [key, pullRequest[key]]));
  const api = String(pullRequest.issue_url);
  return {
    ...pick(
      'id',
      'node_id',
      'number',
      'title',
      'user',
      'labels',
      'state',
      'locked',
      'assignee',
      'assignees',
      'milestone',
    ),
    ...pick('comments', 'created_at', 'updated_at', 'closed_at', 'body', 'html_url', 'author_association', 'draft'),
    url: api,
    repository_url: api.replace(/\/issues\/\d+$/, ''),
    labels_url: `${api}/labels{/name}`,
    comments_url: `${api}/comments`,
    events_url: `${api}/events`,
    timeline_url: `${api}/timeline`,
    state_reason: null,
    active_lock_reason: null,
    performed_via_github_app: null,
    pull_request: { ...pick('url', 'html_url', 'diff_url', 'patch_url', 'merged_at') },
  };
}

/** Converts a webhook of the backend to the webhooks that GitHub would send; event and state can differ. */
export function toGithubWebhooks(event: string, payload: Json): { event: string; payload: Json }[] {
  const { issue, label, review, pull_request: pullRequest, check_run: run } = payload;
  if (event === 'issues' && isJson(issue) && isJson(issue.head)) {
    const { issue: _issue, ...rest } = payload;
    return toGithubWebhooks('pull_request', { ...rest, pull_request: issue });
  }
  const more: Json = {};
  const about = isJson(issue) ? issue : pullRequest;
  if (isJson(label) && isJson(about)) more.label = labelWithDetails(label, about) ?? label;
  if (event === 'pull_request' && isJson(pullRequest)) more.number = pullRequest.number;
  if (event === 'pull_request_review' && isJson(review)) {
    more.review = { ...review, state: String(review.state).toLowerCase() };
  }
  if (event.startsWith('pull_request_review')) more.pull_request = withoutDetails(pullRequest);
  const sent = { event, payload: { ...payload, ...more } };
  const isDone = event === 'check_run' && payload.action === 'created' && isJson(run) && run.status === 'completed';
  return isDone ? [sent, { event, payload: { ...sent.payload, action: 'completed' } }] : [sent];
}

/** Removes the milliseconds, which GitHub's timestamps do not have. Returns null if it is not a timestamp. */
function timestamp(key: string, value: unknown): string | null {
  if (typeof value !== 'string' || !key.endsWith('_at')) return null;
  return value.replace(/\.\d{3}Z$/, 'Z');
}

/** Only checks of GitHub Actions have logs. */
function appOf(hasLog: boolean): Json {
  return hasLog ? { id: 15368, slug: 'github-actions', name: 'GitHub Actions' } : { id: 9, slug: 'ci', name: 'CI' };
}

function labelWithDetails(label: Json, about: Json): unknown {
  return Array.isArray(about.labels) ? about.labels.find((one) => isJson(one) && one.name === label.name) : null;
}

function amendReviewComment(comment: Json, pulls: PullRequestStore): void {
  if (comment.in_reply_to_id === null) delete comment.in_reply_to_id;
  comment.line ??= comment.position;
  comment.original_line = comment.line;
  comment.start_line = null;
  comment.pull_request_review_id ??= pulls.reviewOf.get(Number(comment.id)) ?? null;
}

function amendIssue(issue: Json, pulls: PullRequestStore): void {
  const repository = String(issue.repository_url).split('/repos/')[1] ?? '';
  const pullRequest = pulls.find(repository, Number(issue.number));
  if (!pullRequest || issue.pull_request) return;
  const api = `${String(issue.repository_url)}/pulls/${pullRequest.number}`;
  const html = String(issue.html_url).replace('/issues/', '/pull/');
  issue.html_url = html;
  issue.pull_request = { url: api, html_url: html, diff_url: `${html}.diff`, patch_url: `${html}.patch` };
}

function stateOf(json: Json, pulls: PullRequestStore): PullRequestState | undefined {
  const { head, base } = json;
  if (!isJson(head) || !isJson(base) || typeof json.number !== 'number' || !isJson(base.repo)) return undefined;
  return pulls.find(String(base.repo.full_name), json.number);
}

function amendPullRequest(pullRequest: Json, state: PullRequestState): void {
  const statuses = String(pullRequest.statuses_url).replace(/[^/]*$/, state.headCommit);
  pullRequest.head = { ...(pullRequest.head as Json), sha: state.headCommit };
  pullRequest.statuses_url = statuses;
  if (isJson(pullRequest._links)) pullRequest._links.statuses = { href: statuses };
  if (state.mergeCommit) pullRequest.merge_commit_sha = state.mergeCommit;
  if (state.pushedAt && state.pushedAt > String(pullRequest.updated_at)) pullRequest.updated_at = state.pushedAt;
}
