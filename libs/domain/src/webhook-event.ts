import type { WebhookEventStatus } from '@teko/contracts';
import type { CheckRun, ExternalCommentKind } from './integration';

/** A received webhook, stored before it is answered. */
export interface WebhookEvent {
  id: string;
  /** Counted up in the order of arrival. */
  number: number;
  source: 'github';
  /** The sender's own identifier of the message. */
  deliveryId: string;
  event: string;
  action: string | null;
  /** Events of one subject are handled in order. */
  subject: string;
  repositoryId: string | null;
  status: WebhookEventStatus;
  /** What was done, why it was ignored, or what went wrong. */
  detail: string | null;
  attempts: number;
  /** JSON, as it came. */
  payload: string;
  /** Not before this. */
  dueAt: Date;
  /** Until then a process has the right to handle it. */
  leasedUntil: Date | null;
  receivedAt: Date;
  handledAt: Date | null;
}

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

/** A result of CI on a commit that Teko follows. */
export interface StoredCheckRun extends Pick<CheckRun, 'name' | 'headCommit' | 'state' | 'url' | 'completedAt'> {
  id: string;
  repositoryId: string;
  changeId: string;
  externalId: string;
  updatedAt: Date;
}
