import type { ListQuery, Page } from '@teko/contracts';
import type { Change } from './change';

/** Stores changes. A run has at most one. */
export interface ChangeRepository {
  /** Stores the change with the next number, or returns the stored one if the run already has a change. */
  insert(change: Omit<Change, 'number'>): Promise<Change>;
  update(id: string, patch: Partial<Change>): Promise<Change>;
  findById(id: string): Promise<Change | null>;
  findByRun(runId: string): Promise<Change | null>;
  /** Returns the newest change of a task that is neither merged nor closed, or null if there is none. */
  findOpenByTask(taskId: string): Promise<Change | null>;
  findByPullRequest(repositoryId: string, pullRequestNumber: number): Promise<Change | null>;
  /** Returns the changes of a repository whose pull request is neither merged nor closed. */
  findWithOpenPullRequest(repositoryId: string): Promise<Change[]>;
  /** Sort: number, title, status, createdAt. Filters: status, repositoryId, taskId, runId, demo. */
  list(query: ListQuery): Promise<Page<Change>>;
}

export const ChangeRepository = Symbol('ChangeRepository');
