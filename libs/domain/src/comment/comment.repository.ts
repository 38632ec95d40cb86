import type { ListQuery, Page } from '@teko/contracts';
import type { Comment } from './comment';

/** Stores comments on tasks. */
export interface CommentRepository {
  /** A comment with an idempotency key that is already stored is not stored again; answers the stored one. */
  insert(comment: Comment): Promise<Comment>;
  findById(id: string): Promise<Comment | null>;
  update(id: string, patch: Partial<Comment>): Promise<Comment>;
  /** The newest of a task, the oldest of them first. */
  findLatest(taskId: string, limit: number): Promise<Comment[]>;
  /** Oldest first. Filters: taskId. */
  list(query: ListQuery): Promise<Page<Comment>>;
}

export const CommentRepository = Symbol('CommentRepository');
