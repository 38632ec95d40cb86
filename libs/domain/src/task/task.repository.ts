import type { ListQuery, Page } from '@teko/contracts';
import type { Task } from './task';

/** Stores tasks. `sourceKey` is unique. */
export interface TaskRepository {
  /** Stores the task and gives it the next number. Throws ConflictError with `taskId` when the source key is taken. */
  insert(task: Omit<Task, 'number'>): Promise<Task>;
  /** Changes fields other than status. */
  update(id: string, patch: Partial<Omit<Task, 'status'>>): Promise<Task>;
  /** Stores status and reason only if the row still has status `from`; false when somebody else moved it first. */
  transition(id: string, from: Task['status'], to: Task['status'], reason: string | null): Promise<boolean>;
  findById(id: string): Promise<Task | null>;
  findBySourceKey(sourceKey: string): Promise<Task | null>;
  /** Tasks that came from this issue or pull request, the newest first. */
  findByIssue(repositoryId: string, number: number): Promise<Task[]>;
  /** Blocked tasks that wait for others, the oldest first. */
  findWaitingForTasks(limit: number): Promise<Task[]>;
  /** The oldest of each repository first, then the others by age: one repository's flood holds up no other. */
  findByStatus(status: Task['status'], limit: number): Promise<Task[]>;
  /** Sort: number, title, priority, status, createdAt, updatedAt. Filters: status, kind, priority, repositoryId, source, demo. `q` looks in title, description and number. */
  list(query: ListQuery): Promise<Page<Task>>;
  /** Of the repositories `within`, or of all. */
  countByStatus(within?: string[]): Promise<Record<string, number>>;
  delete(id: string): Promise<void>;
}

export const TaskRepository = Symbol('TaskRepository');
