import type { Caller } from './github-credentials';
import { refusal, type Answer, type Call, type Json } from './github-http';
import { split } from './github-git-sync';
import type { PullRequestState } from './github-pull-request-store';
import type { GithubState, Route } from './github-state';

/** Reviews as GitHub has them: comments on lines, threads, and no comment outside a review. */
export function reviewRoutes(github: GithubState): Route[] {
  const pulls = '^/repos/([^/]+/[^/]+)/pulls/(\\d+)';
  return [
    {
      method: 'POST',
      path: new RegExp(`${pulls}/reviews$`),
      handle: (call, caller, name, number) => review(github, call, caller, github.pulls.find(name!, Number(number))),
    },
    {
      method: 'POST',
      path: new RegExp(`${pulls}/comments$`),
      handle: (call, caller, name, number) => {
        const { in_reply_to: parent } = call.json;
        return comment(github, call, caller, github.pulls.find(name!, Number(number)), parent ? Number(parent) : null);
      },
    },
    {
      method: 'POST',
      path: new RegExp(`${pulls}/comments/(\\d+)/replies$`),
      handle: (call, caller, name, number, parent) =>
        comment(github, call, caller, github.pulls.find(name!, Number(number)), Number(parent)),
    },
  ];
}

/** The emulator knows positions only, and sends nothing for comments of a review. */
async function review(
  github: GithubState,
  call: Call,
  caller: Caller,
  pullRequest?: PullRequestState,
): Promise<Answer | null> {
  if (!pullRequest) return refusal(404, 'Not Found');
  const { comments, event, ...rest } = call.json;
  if (pullRequest.author === caller.login && (event === 'APPROVE' || event === 'REQUEST_CHANGES')) {
    const what = event === 'APPROVE' ? 'approve' : 'request changes on';
    return refusal(422, 'Unprocessable Entity', { errors: [`Can not ${what} your own pull request`] });
  }
  const list = (Array.isArray(comments) ? comments : []) as Json[];
  const placed = list.map((one) => ({ ...one, position: one.position ?? one.line }));
  const json = { commit_id: pullRequest.headCommit, ...rest, event, comments: placed };
  return github.exclusive(async () => {
    const made = await github.backend.forward(call, { json });
    if (made.status === 201 && event && placed.length > 0) await sendComments(github, caller, pullRequest, made);
    return made.status === 201 ? { ...made, status: 200 } : made;
  });
}

async function sendComments(
  github: GithubState,
  caller: Caller,
  pullRequest: PullRequestState,
  made: Answer,
): Promise<void> {
  const [owner, repo] = split(pullRequest.repository);
  const { id } = JSON.parse(made.body.toString()) as { id: number };
  const api = github.backend.admin(pullRequest.repository).rest.pulls;
  const number = { owner, repo, pull_number: pullRequest.number };
  const { data: comments } = await api.listCommentsForReview({ ...number, review_id: id, per_page: 100 });
  const { data } = await api.get(number);
  for (const comment of comments) {
    const payload = { action: 'created', comment, pull_request: data };
    await github.send('pull_request_review_comment', pullRequest.repository, caller.login, payload);
  }
}

/** GitHub makes a review around every single comment. */
async function comment(
  github: GithubState,
  call: Call,
  caller: Caller,
  pullRequest: PullRequestState | undefined,
  parentId: number | null,
): Promise<Answer> {
  if (!pullRequest) return refusal(404, 'Not Found');
  const place = parentId === null ? { ...call.json } : await placeOf(github, pullRequest, parentId);
  if (!place) return refusal(404, 'Not Found');
  return github.exclusive(async () => {
    const url = `/repos/${pullRequest.repository}/pulls/${pullRequest.number}`;
    const json = { commit_id: pullRequest.headCommit, ...place, body: call.json.body };
    const made = await github.backend.forward(call, { url: `${url}/comments`, json });
    if (made.status !== 201) return made;
    const around = { commit_id: pullRequest.headCommit, event: 'COMMENT', body: '' };
    const shell = await github.backend.forward(call, { url: `${url}/reviews`, json: around });
    const idOf = ({ body }: Answer) => (JSON.parse(body.toString()) as { id: number }).id;
    github.pulls.reviewOf.set(idOf(made), idOf(shell));
    return made;
  });
}

/** Where the first comment of a thread is. Replies to replies are refused. */
async function placeOf(github: GithubState, pullRequest: PullRequestState, parentId: number): Promise<Json | null> {
  const [owner, repo] = split(pullRequest.repository);
  const api = github.backend.admin(pullRequest.repository).rest.pulls;
  const parent = await api.getReviewComment({ owner, repo, comment_id: parentId }).catch(() => null);
  if (!parent || parent.data.in_reply_to_id || !parent.data.pull_request_url.endsWith(`/${pullRequest.number}`))
    return null;
  const { path, line, position, side } = parent.data;
  return { path, line, position, side, in_reply_to_id: parentId };
}
