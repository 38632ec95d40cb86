import type { Caller } from './github-credentials';
import { errorResponse, type HttpResponse, type HttpRequest, type Json } from './github-http';
import { splitName } from './github-git-sync';
import type { PullRequestState } from './github-pull-request-store';
import type { GithubState, Route } from './github-state';

/** GitHub's reviews: comments on lines, threads, and a review reviewDraft every comment. */
export function reviewRoutes(github: GithubState): Route[] {
  const pulls = '^/repos/([^/]+/[^/]+)/pulls/(\\d+)';
  return [
    {
      method: 'POST',
      path: new RegExp(`${pulls}/reviews$`),
      handle: (request, caller, name, number) =>
        review(github, request, caller, github.pulls.find(name!, Number(number))),
    },
    {
      method: 'POST',
      path: new RegExp(`${pulls}/comments$`),
      handle: (request, caller, name, number) => {
        const { in_reply_to: parent } = request.json;
        return comment(
          github,
          request,
          caller,
          github.pulls.find(name!, Number(number)),
          parent ? Number(parent) : null,
        );
      },
    },
    {
      method: 'POST',
      path: new RegExp(`${pulls}/comments/(\\d+)/replies$`),
      handle: (request, caller, name, number, parent) =>
        comment(github, request, caller, github.pulls.find(name!, Number(number)), Number(parent)),
    },
  ];
}

/** Creates a review. The backend supports diff positions only and sends no webhooks for the comments of a review. */
async function review(
  github: GithubState,
  request: HttpRequest,
  caller: Caller,
  pullRequest?: PullRequestState,
): Promise<HttpResponse | null> {
  if (!pullRequest) return errorResponse(404, 'Not Found');
  const { comments, event, ...rest } = request.json;
  if (pullRequest.author === caller.login && (event === 'APPROVE' || event === 'REQUEST_CHANGES')) {
    const what = event === 'APPROVE' ? 'approve' : 'request changes on';
    return errorResponse(422, 'Unprocessable Entity', { errors: [`Can not ${what} your own pull request`] });
  }
  const list = (Array.isArray(comments) ? comments : []) as Json[];
  const withPositions = list.map((one) => ({ ...one, position: one.position ?? one.line }));
  const json = { commit_id: pullRequest.headCommit, ...rest, event, comments: withPositions };
  return github.exclusive(async () => {
    const created = await github.backend.forward(request, { json });
    if (created.status === 201 && event && withPositions.length > 0)
      await sendComments(github, caller, pullRequest, created);
    return created.status === 201 ? { ...created, status: 200 } : created;
  });
}

async function sendComments(
  github: GithubState,
  caller: Caller,
  pullRequest: PullRequestState,
  created: HttpResponse,
): Promise<void> {
  const [owner, repo] = splitName(pullRequest.repository);
  const { id } = JSON.parse(created.body.toString()) as { id: number };
  const api = github.backend.admin(pullRequest.repository).rest.pulls;
  const number = { owner, repo, pull_number: pullRequest.number };
  const { data: comments } = await api.listCommentsForReview({ ...number, review_id: id, per_page: 100 });
  const { data } = await api.get(number);
  for (const comment of comments) {
    const payload = { action: 'created', comment, pull_request: data };
    await github.send('pull_request_review_comment', pullRequest.repository, caller.login, payload);
  }
}

/** Creates a single comment, for which GitHub also creates a review. */
async function comment(
  github: GithubState,
  request: HttpRequest,
  caller: Caller,
  pullRequest: PullRequestState | undefined,
  parentId: number | null,
): Promise<HttpResponse> {
  if (!pullRequest) return errorResponse(404, 'Not Found');
  const location = parentId === null ? { ...request.json } : await positionOf(github, pullRequest, parentId);
  if (!location) return errorResponse(404, 'Not Found');
  return github.exclusive(async () => {
    const url = `/repos/${pullRequest.repository}/pulls/${pullRequest.number}`;
    const json = { commit_id: pullRequest.headCommit, ...location, body: request.json.body };
    const created = await github.backend.forward(request, { url: `${url}/comments`, json });
    if (created.status !== 201) return created;
    const reviewDraft = { commit_id: pullRequest.headCommit, event: 'COMMENT', body: '' };
    const review = await github.backend.forward(request, { url: `${url}/reviews`, json: reviewDraft });
    const idOf = ({ body }: HttpResponse) => (JSON.parse(body.toString()) as { id: number }).id;
    github.pulls.reviewOf.set(idOf(created), idOf(review));
    return created;
  });
}

/** Returns the position of the first comment of a thread, or null if `parentId` is not one: replies to replies are rejected. */
async function positionOf(github: GithubState, pullRequest: PullRequestState, parentId: number): Promise<Json | null> {
  const [owner, repo] = splitName(pullRequest.repository);
  const api = github.backend.admin(pullRequest.repository).rest.pulls;
  const parent = await api.getReviewComment({ owner, repo, comment_id: parentId }).catch(() => null);
  if (!parent || parent.data.in_reply_to_id || !parent.data.pull_request_url.endsWith(`/${pullRequest.number}`))
    return null;
  const { path, line, position, side } = parent.data;
  return { path, line, position, side, in_reply_to_id: parentId };
}
