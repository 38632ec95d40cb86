import type { Caller } from './github-credentials';
import { refusal, type Answer, type Call, type Json } from './github-http';
import { split } from './github-mirror';
import type { PullState } from './github-pull-book';
import type { GithubWorld, Route } from './github-world';

/** Reviews as GitHub has them: comments on lines, threads, and no comment outside a review. */
export function reviewRoutes(world: GithubWorld): Route[] {
  const pulls = '^/repos/([^/]+/[^/]+)/pulls/(\\d+)';
  return [
    {
      method: 'POST',
      path: new RegExp(`${pulls}/reviews$`),
      handle: (call, caller, name, number) => review(world, call, caller, world.pulls.find(name!, Number(number))),
    },
    {
      method: 'POST',
      path: new RegExp(`${pulls}/comments$`),
      handle: (call, caller, name, number) => {
        const { in_reply_to: parent } = call.json;
        return comment(world, call, caller, world.pulls.find(name!, Number(number)), parent ? Number(parent) : null);
      },
    },
    {
      method: 'POST',
      path: new RegExp(`${pulls}/comments/(\\d+)/replies$`),
      handle: (call, caller, name, number, parent) =>
        comment(world, call, caller, world.pulls.find(name!, Number(number)), Number(parent)),
    },
  ];
}

/** The emulator knows positions only, and sends nothing for comments of a review. */
async function review(world: GithubWorld, call: Call, caller: Caller, pull?: PullState): Promise<Answer | null> {
  if (!pull) return refusal(404, 'Not Found');
  const { comments, event, ...rest } = call.json;
  if (pull.author === caller.login && (event === 'APPROVE' || event === 'REQUEST_CHANGES')) {
    const what = event === 'APPROVE' ? 'approve' : 'request changes on';
    return refusal(422, 'Unprocessable Entity', { errors: [`Can not ${what} your own pull request`] });
  }
  const list = (Array.isArray(comments) ? comments : []) as Json[];
  const placed = list.map((one) => ({ ...one, position: one.position ?? one.line }));
  const json = { commit_id: pull.headCommit, ...rest, event, comments: placed };
  return world.exclusive(async () => {
    const made = await world.emulator.forward(call, { json });
    if (made.status === 201 && event && placed.length > 0) await sendComments(world, caller, pull, made);
    return made.status === 201 ? { ...made, status: 200 } : made;
  });
}

async function sendComments(world: GithubWorld, caller: Caller, pull: PullState, made: Answer): Promise<void> {
  const [owner, repo] = split(pull.repository);
  const { id } = JSON.parse(made.body.toString()) as { id: number };
  const api = world.emulator.admin(pull.repository).rest.pulls;
  const number = { owner, repo, pull_number: pull.number };
  const { data: comments } = await api.listCommentsForReview({ ...number, review_id: id, per_page: 100 });
  const { data } = await api.get(number);
  for (const comment of comments) {
    const payload = { action: 'created', comment, pull_request: data };
    await world.send('pull_request_review_comment', pull.repository, caller.login, payload);
  }
}

/** GitHub makes a review around every single comment. */
async function comment(
  world: GithubWorld,
  call: Call,
  caller: Caller,
  pull: PullState | undefined,
  parentId: number | null,
): Promise<Answer> {
  if (!pull) return refusal(404, 'Not Found');
  const place = parentId === null ? { ...call.json } : await placeOf(world, pull, parentId);
  if (!place) return refusal(404, 'Not Found');
  return world.exclusive(async () => {
    const url = `/repos/${pull.repository}/pulls/${pull.number}`;
    const json = { commit_id: pull.headCommit, ...place, body: call.json.body };
    const made = await world.emulator.forward(call, { url: `${url}/comments`, json });
    if (made.status !== 201) return made;
    const around = { commit_id: pull.headCommit, event: 'COMMENT', body: '' };
    const shell = await world.emulator.forward(call, { url: `${url}/reviews`, json: around });
    const idOf = ({ body }: Answer) => (JSON.parse(body.toString()) as { id: number }).id;
    world.pulls.reviewOf.set(idOf(made), idOf(shell));
    return made;
  });
}

/** Where the first comment of a thread is. Replies to replies are refused. */
async function placeOf(world: GithubWorld, pull: PullState, parentId: number): Promise<Json | null> {
  const [owner, repo] = split(pull.repository);
  const api = world.emulator.admin(pull.repository).rest.pulls;
  const parent = await api.getReviewComment({ owner, repo, comment_id: parentId }).catch(() => null);
  if (!parent || parent.data.in_reply_to_id || !parent.data.pull_request_url.endsWith(`/${pull.number}`)) return null;
  const { path, line, position, side } = parent.data;
  return { path, line, position, side, in_reply_to_id: parentId };
}
