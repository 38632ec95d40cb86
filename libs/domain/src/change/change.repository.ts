import type { ListQuery, Page } from '@teko/contracts';
import type { Change } from './change';

/** Stores changes. One for each run. */
export interface ChangeRepository {
  /** Stores the change with the next number; the one that the run already has is answered untouched. */
  insert(change: Omit<Change, 'number'>): Promise<Change>;
  update(id: string, patch: Partial<Change>): Promise<Change>;
  findById(id: string): Promise<Change | null>;
  findByRun(runId: string): Promise<Change | null>;
  /** The newest change of a task that is neither merged nor closed. */
  findOpenByTask(taskId: string): Promise<Change | null>;
  findByPullRequest(repositoryId: string, pullRequestNumber: number): Promise<Change | null>;
  /** Changes with a pull request that is not merged or closed, of one repository. */
  findWithOpenPullRequest(repositoryId: string): Promise<Change[]>;
  /** Sort: number, title, status, createdAt. Filters: status, repositoryId, taskId, runId, demo. */
  list(query: ListQuery): Promise<Page<Change>>;
}

export const ChangeRepository = Symbol('ChangeRepository');
