import type { ListQuery, Page } from '@teko/contracts';
import type { Finding } from './finding';

/** Stores findings of reviews. */
export interface FindingRepository {
  /** Replaces all findings of a run in one transaction. */
  replaceForRun(runId: string, findings: Finding[]): Promise<void>;
  findById(id: string): Promise<Finding | null>;
  update(id: string, patch: Pick<Finding, 'status'>): Promise<Finding>;
  /** Sort: severity, path, createdAt. Filters: runId, changeId, taskId, repositoryId, severity, status. */
  list(query: ListQuery): Promise<Page<Finding>>;
}

export const FindingRepository = Symbol('FindingRepository');
