import type { Comment } from './comment';
import type { CommentLink } from './comment-link';

/** A comment whose saying failed so often is not tried again. */
export const MAX_POST_ATTEMPTS = 20;

/** Stores which comment is which remark outside. A comment has at most one, and so has a remark. */
export interface CommentLinkRepository {
  /** Stores comment and link in one transaction; where the remark is linked already, answers null and stores nothing. */
  insertWithComment(comment: Comment, link: CommentLink): Promise<Comment | null>;
  /** Answers the stored one where the comment has a link already. */
  insert(link: CommentLink): Promise<CommentLink>;
  update(id: string, patch: Partial<CommentLink>): Promise<CommentLink>;
  /** Moves `attemptedAt` and `dueAt` if `attemptedAt` is still `seen`; false where another process was first. */
  claim(id: string, seen: Date | null, patch: Pick<CommentLink, 'attemptedAt' | 'dueAt'>): Promise<boolean>;
  findByExternalComment(
    repositoryId: string,
    kind: CommentLink['kind'],
    externalId: string,
  ): Promise<CommentLink | null>;
  findByComment(commentId: string): Promise<CommentLink | null>;
  findByTask(taskId: string): Promise<CommentLink[]>;
  /** Comments on tasks that came from an issue, with no link yet: they are to be said outside. The oldest first. */
  findUnposted(limit: number): Promise<Comment[]>;
  /** Links whose comment is not as it was last said outside, that may be tried by `now`, and that failed less than MAX_POST_ATTEMPTS times. The oldest first. */
  findDue(now: Date, limit: number): Promise<CommentLink[]>;
  /** Trusted remarks of reviews, and of people who named Teko on a pull request, that no run works on: `isRequest`, and their comment has no run. The oldest first. */
  findRequests(limit: number): Promise<{ link: CommentLink; comment: Comment }[]>;
}

export const CommentLinkRepository = Symbol('CommentLinkRepository');
