import { neutralizeLine } from '../text/untrusted-text';
import { breakActiveText } from '../text/active-text';

/** A forge accepts at most 65,536 characters. */
const MAX_EXTERNAL_LENGTH = 60_000;

/** A comment on a task, by a user or by Teko. */
export interface Comment {
  id: string;
  taskId: string;
  /** The run that posted the comment, or that addresses it; null if none. */
  runId: string | null;
  author: string;
  authorKind: 'user' | 'teko';
  /** Id of the author in Teko; null for Teko itself and for external users. */
  authorId: string | null;
  /** Whether the author is allowed to request work. Untrusted comments are shown, but never sent to an agent or used as an answer. */
  trusted: boolean;
  body: string;
  /** Set for comments by Teko, such as `run:<id>:comment`, so that each is stored once. */
  idempotencyKey: string | null;
  /** When the comment was deleted; its body is then empty. */
  deletedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/**
 * Returns the body to post on the forge, where all comments are posted by Teko's account: a user's comment names its author, and
 * commands no bot that obeys Teko's account. Text that is too long for a forge is cut.
 */
export function externalBody({ authorKind, author, body }: Comment): string {
  const text = authorKind === 'teko' ? body : `**${neutralizeLine(author)}** in Teko:\n\n${breakActiveText(body)}`;
  return text.length > MAX_EXTERNAL_LENGTH
    ? `${text.slice(0, MAX_EXTERNAL_LENGTH).replace(/[\ud800-\udbff]$/, '')}\n\n[cut]`
    : text;
}

/** Whether an agent is shown the comment: it is by a trusted user and was not deleted. */
export function isVisibleToAgent({ authorKind, trusted, deletedAt }: Comment): boolean {
  return authorKind === 'user' && trusted && deletedAt === null;
}

/** Returns the idempotency key of a question that a run asks on its task. `id` is unique within the run. */
export function questionKey(runId: string, id: string): string {
  return `run:${runId}:question:${id}`;
}

export function isQuestionOf(runId: string, { idempotencyKey }: Comment): boolean {
  return idempotencyKey?.startsWith(questionKey(runId, '')) ?? false;
}

/** Returns the comments visible to an agent after the last one that matches `isQuestion`, or null if none matches. */
export function answersTo(comments: Comment[], isQuestion: (comment: Comment) => boolean): Comment[] | null {
  const index = comments.findLastIndex(isQuestion);
  return index < 0 ? null : comments.slice(index + 1).filter(isVisibleToAgent);
}
