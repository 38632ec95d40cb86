import type { ListQuery, Page } from '@teko/contracts';
import type { Comment } from './comment';

/** Stores comments on tasks. */
export interface CommentRepository {
  /** Stores the comment, or returns the stored one if its idempotency key already exists. */
  insert(comment: Comment): Promise<Comment>;
  findById(id: string): Promise<Comment | null>;
  update(id: string, patch: Partial<Comment>): Promise<Comment>;
  /** Returns the `limit` newest comments of a task in chronological order. */
  findLatest(taskId: string, limit: number): Promise<Comment[]>;
  /** Oldest first. Filters: taskId. */
  list(query: ListQuery): Promise<Page<Comment>>;
}

export const CommentRepository = Symbol('CommentRepository');
