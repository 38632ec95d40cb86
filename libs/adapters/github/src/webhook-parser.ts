import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ExternalEvent, Issue, ExternalUser, WebhookParser, ParsedWebhook } from '@teko/domain';
import { z } from 'zod';
import {
  authorOf,
  issueCommentOf,
  issueOf,
  pullRequestOf,
  parse,
  repositoryOf,
  reviewCommentOf,
  reviewOf,
} from './mapping';

type Payload = Record<string, unknown>;
/** Returns an event, or the reason why the payload is ignored. */
type EventParser = (payload: Payload, action: string) => ExternalEvent | string;

const SIGNATURE = /^sha256=([0-9a-f]{64})$/;
const ISSUE_ACTIONS: Record<string, Extract<ExternalEvent, { type: 'issue' }>['action']> = {
  opened: 'opened',
  edited: 'edited',
  labeled: 'labelled',
  assigned: 'assigned',
  closed: 'closed',
  reopened: 'reopened',
};
const COMMENT_ACTIONS: Record<string, Extract<ExternalEvent, { type: 'comment' }>['action']> = {
  created: 'created',
  submitted: 'created',
  edited: 'edited',
  dismissed: 'edited',
  deleted: 'deleted',
};
const REPOSITORY_ACTIONS = [
  'renamed',
  'archived',
  'unarchived',
  'edited',
  'deleted',
  'transferred',
  'privatized',
  'publicized',
];

const Numbered = z.object({ number: z.number() });
const Named = z.object({ name: z.string() }).nullish();
const Assignee = z.object({ login: z.string() }).nullish();
const Sha = z.string().regex(/^[0-9a-f]{40,64}$/);
const Headed = z.object({ head_sha: Sha });
const Status = z.object({ sha: Sha });
const Push = z.object({ ref: z.string(), after: Sha, deleted: z.boolean().nullish() });
const About = z
  .object({ repository: z.object({ id: z.union([z.number(), z.string(), z.bigint()]).transform(String) }).nullish() })
  .catch({});
const Action = z.object({ action: z.string().nullish() }).catch({});

/** Parsers by event name. All other events are ignored. */
const PARSERS: Record<string, EventParser> = {
  issues: (payload, action) => {
    const issue = issueOf(payload.issue);
    return {
      type: 'issue',
      action: ISSUE_ACTIONS[action] ?? 'other',
      issue,
      at: issue.updatedAt,
      actor: authorOf(payload.sender),
      label: action === 'labeled' ? (parse(Named, payload.label)?.name ?? null) : null,
      assignee: action === 'assigned' ? (parse(Assignee, payload.assignee)?.login ?? null) : null,
    };
  },
  issue_comment: (payload, action) => {
    const issue = issueOf(payload.issue);
    return externalComment(payload, action, { ...issueCommentOf(payload.comment), number: issue.number }, issue);
  },
  pull_request_review: (payload, action) => {
    const { number } = parse(Numbered, payload.pull_request);
    const review = reviewOf(payload.review, number);
    return review ? externalComment(payload, action, review, null) : 'a review without a text or verdict';
  },
  pull_request_review_comment: (payload, action) => {
    const { number } = parse(Numbered, payload.pull_request);
    return externalComment(payload, action, { ...reviewCommentOf(payload.comment), number }, null);
  },
  pull_request: (payload) => ({
    type: 'pull_request',
    pullRequest: pullRequestOf(payload.pull_request),
    actor: authorOf(payload.sender),
  }),
  check_run: (payload) => ({ type: 'check_runs', headCommit: parse(Headed, payload.check_run).head_sha }),
  check_suite: (payload) => ({ type: 'check_runs', headCommit: parse(Headed, payload.check_suite).head_sha }),
  status: (payload) => ({ type: 'check_runs', headCommit: parse(Status, payload).sha }),
  push: (payload) => {
    const { ref, after, deleted } = parse(Push, payload);
    if (!ref.startsWith('refs/heads/')) return 'a push to something other than a branch';
    const isDeleted = deleted || /^0+$/.test(after);
    return { type: 'push', branch: ref.slice('refs/heads/'.length), commit: isDeleted ? null : after };
  },
  repository: (payload, action) =>
    REPOSITORY_ACTIONS.includes(action)
      ? { type: 'repository', repository: repositoryOf(payload.repository), isDeleted: action === 'deleted' }
      : notHandled('repository', action),
};

/** Verifies and parses GitHub's webhooks, which are signed with HMAC SHA-256 over the raw body. */
export class GithubWebhookParser implements WebhookParser {
  constructor(private readonly secret: string | undefined) {}

  verify(body: Buffer, signature: string | undefined): boolean {
    const [, actual] = SIGNATURE.exec(signature ?? '') ?? [];
    if (!this.secret || !actual) return false;
    const expected = createHmac('sha256', this.secret).update(body).digest();
    return timingSafeEqual(Buffer.from(actual, 'hex'), expected);
  }

  parse(event: string, payload: unknown): ParsedWebhook {
    const action = Action.parse(payload).action ?? null;
    const forgeId = About.parse(payload).repository?.id ?? null;
    const outcome = outcomeOf(event, payload, action ?? '');
    const externalEvent = typeof outcome === 'string' ? null : outcome;
    return {
      forgeId,
      action,
      subject: subjectOf(forgeId, externalEvent),
      externalEvent,
      ignored: typeof outcome === 'string' ? outcome : null,
    };
  }
}

function outcomeOf(event: string, payload: unknown, action: string): ExternalEvent | string {
  if (event === 'ping') return 'ping';
  const parser = Object.hasOwn(PARSERS, event) ? PARSERS[event] : undefined;
  if (!parser) return notHandled(event, action);
  if (typeof payload !== 'object' || payload === null) return 'the payload is not an object';
  try {
    return parser(payload as Payload, action);
  } catch (error) {
    return (error as Error).message;
  }
}

const notHandled = (event: string, action: string) => `${[event, action].filter(Boolean).join(' ')} is not handled`;

function externalComment(
  payload: Payload,
  action: string,
  comment: Extract<ExternalEvent, { type: 'comment' }>['externalComment'],
  issue: Issue | null,
): ExternalEvent | string {
  const commentAction = COMMENT_ACTIONS[action];
  if (!commentAction) return notHandled(comment.kind, action);
  const actor: ExternalUser = authorOf(payload.sender);
  return { type: 'comment', action: commentAction, externalComment: comment, issue, actor };
}

/** Webhooks with the same subject are processed in order: those of one issue or pull request, or of the checks of one commit. */
function subjectOf(forgeId: string | null, externalEvent: ExternalEvent | null): string {
  if (forgeId === null) return 'github';
  const repository = `github:${forgeId}`;
  if (externalEvent?.type === 'issue') return `${repository}#${externalEvent.issue.number}`;
  if (externalEvent?.type === 'comment') return `${repository}#${externalEvent.externalComment.number}`;
  if (externalEvent?.type === 'pull_request') return `${repository}#${externalEvent.pullRequest.number}`;
  if (externalEvent?.type === 'check_runs') return `${repository}@${externalEvent.headCommit}`;
  return repository;
}
