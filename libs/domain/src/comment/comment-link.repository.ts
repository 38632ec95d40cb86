import type { Comment } from './comment';
import type { CommentLink } from './comment-link';

/** After this number of failed attempts, a comment is no longer posted. */
export const MAX_POST_ATTEMPTS = 20;

/** Stores the links between comments and external comments. The relation is one to one. */
export interface CommentLinkRepository {
  /** Stores comment and link in one transaction. Returns null and stores nothing if the external comment is already linked. */
  insertWithComment(comment: Comment, link: CommentLink): Promise<Comment | null>;
  /** Stores the link, or returns the stored one if the comment already has a link. */
  insert(link: CommentLink): Promise<CommentLink>;
  update(id: string, patch: Partial<CommentLink>): Promise<CommentLink>;
  /** Updates `attemptedAt` and `dueAt` if `attemptedAt` still equals `expected`. Returns false if another process was first. */
  claim(id: string, expected: Date | null, patch: Pick<CommentLink, 'attemptedAt' | 'dueAt'>): Promise<boolean>;
  findByExternalComment(
    repositoryId: string,
    kind: CommentLink['kind'],
    externalId: string,
  ): Promise<CommentLink | null>;
  findByComment(commentId: string): Promise<CommentLink | null>;
  findByTask(taskId: string): Promise<CommentLink[]>;
  /** Returns comments without a link on tasks that came from an issue, oldest first. They have to be posted to the forge. */
  findUnposted(limit: number): Promise<Comment[]>;
  /** Returns links whose comment changed since the last sync, that are due by `now` and failed fewer than MAX_POST_ATTEMPTS times, oldest first. */
  findDue(now: Date, limit: number): Promise<CommentLink[]>;
  /** Returns links with `isRequest` and a trusted comment that no run handles yet, together with the comment, oldest first. */
  findRequests(limit: number): Promise<{ link: CommentLink; comment: Comment }[]>;
}

export const CommentLinkRepository = Symbol('CommentLinkRepository');
