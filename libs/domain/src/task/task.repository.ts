import type { ListQuery, Page } from '@teko/contracts';
import type { Task } from './task';

/** Stores tasks. `sourceKey` is unique within a repository. */
export interface TaskRepository {
  /** Stores the task with the next number. Throws ConflictError with `taskId` if the repository already has a task with the source key. */
  insert(task: Omit<Task, 'number'>): Promise<Task>;
  /** Updates all fields except the status. */
  update(id: string, patch: Partial<Omit<Task, 'status'>>): Promise<Task>;
  /** Sets status and reason if the task still has the status `from`. Returns false if it was moved in the meantime. */
  transition(id: string, from: Task['status'], to: Task['status'], reason: string | null): Promise<boolean>;
  findById(id: string): Promise<Task | null>;
  findBySourceKey(repositoryId: string, sourceKey: string): Promise<Task | null>;
  /** Returns tasks that came from this issue or pull request, newest first. */
  findByIssue(repositoryId: string, number: number): Promise<Task[]>;
  /** Returns blocked tasks that wait for other tasks, oldest first. */
  findWaitingForTasks(limit: number): Promise<Task[]>;
  /** Returns the oldest task of each repository first, then the others by age, so that one repository cannot delay the others. */
  findByStatus(status: Task['status'], limit: number): Promise<Task[]>;
  /** Sort: number, title, priority, status, createdAt, updatedAt. Filters: status, kind, priority, repositoryId, source, demo. `q` searches title, description and number. */
  list(query: ListQuery): Promise<Page<Task>>;
  /** Counts tasks by status, in the repositories `within` or in all. */
  countByStatus(within?: string[]): Promise<Record<string, number>>;
  delete(id: string): Promise<void>;
}

export const TaskRepository = Symbol('TaskRepository');
