import type { ListQuery, Page } from '@teko/contracts';
import type { Approval } from './approval';

/** Stores approvals. A run has one for each `subjectHash`. */
export interface ApprovalRepository {
  /** Answers the stored one where run and subject have one already. */
  insert(approval: Approval): Promise<Approval>;
  /** Decides one that is pending, in one atomic statement; false when it was decided before. */
  decide(
    id: string,
    decision: Pick<Approval, 'status' | 'decidedById' | 'decidedByName' | 'note' | 'decidedAt'>,
  ): Promise<boolean>;
  findById(id: string): Promise<Approval | null>;
  /** The newest first. */
  findByRun(runId: string): Promise<Approval[]>;
  /** Sort: createdAt. Filters: runId, taskId, repositoryId, status. */
  list(query: ListQuery): Promise<Page<Approval>>;
}

export const ApprovalRepository = Symbol('ApprovalRepository');
