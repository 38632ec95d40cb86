/** Something said on a task, by a person or by Teko. */
export interface Comment {
  id: string;
  taskId: string;
  runId: string | null;
  author: string;
  authorKind: 'user' | 'teko';
  /** User of Teko who wrote it; null for Teko itself and for people outside. */
  authorId: string | null;
  /** Whether its author may ask for work there: what others say is shown, and never read to an agent or taken as an answer. */
  trusted: boolean;
  body: string;
  /** Set for comments that Teko writes, so that one is written once. */
  idempotencyKey: string | null;
  /** It was taken back; the body is empty. */
  deletedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** A comment as it is said on the forge, where everything that Teko writes has one author. */
export function externalBody({ authorKind, author, body }: Comment): string {
  return authorKind === 'teko' ? body : `**${author}** in Teko:\n\n${body}`;
}

/** What people said who may: an agent hears it. */
export function isVisibleToAgent({ authorKind, trusted, deletedAt }: Comment): boolean {
  return authorKind === 'user' && trusted && deletedAt === null;
}

/** The idempotency key of a question that a run asks on its task; `id` tells questions of a run apart. */
export function questionKey(runId: string, id: string): string {
  return `run:${runId}:question:${id}`;
}

export function isQuestionOf(runId: string, { idempotencyKey }: Comment): boolean {
  return idempotencyKey?.startsWith(questionKey(runId, '')) ?? false;
}

/** What people said after the last comment that `isQuestion` finds, the oldest first; null where there is no such comment. */
export function answersTo(comments: Comment[], isQuestion: (comment: Comment) => boolean): Comment[] | null {
  const place = comments.findLastIndex(isQuestion);
  return place < 0 ? null : comments.slice(place + 1).filter(isVisibleToAgent);
}
