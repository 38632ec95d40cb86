import type { ExternalCommentKind } from '../integration/external-comment';

/** Which comment of Teko is which remark outside: what is said on one side appears once on the other. */
export interface CommentLink {
  id: string;
  commentId: string;
  taskId: string;
  repositoryId: string;
  /** Where it was said first. */
  origin: 'external' | 'teko';
  kind: ExternalCommentKind;
  /** Of the issue or pull request. */
  number: number;
  /** Null until it was said outside. */
  externalId: string | null;
  url: string | null;
  /** The thread of a review that it belongs to. */
  threadId: string | null;
  path: string | null;
  line: number | null;
  /** Somebody who may asks Teko for more work on its pull request with it. */
  isRequest: boolean;
  /** `updatedAt` of the comment as it was last said outside or heard from there. */
  syncedAt: Date | null;
  /** When what it asks for was done, for what was said outside; a death before that is made up for. */
  processedAt: Date | null;
  /** When saying it was last tried: what a dead process sent may still arrive. */
  attemptedAt: Date | null;
  attempts: number;
  dueAt: Date;
  error: string | null;
  createdAt: Date;
}
