import type { ListQuery, Page } from '@teko/contracts';
import type { Approval } from './approval';

/** Stores approvals. Run and `subjectHash` are unique together. */
export interface ApprovalRepository {
  /** Inserts the approval, or returns the stored one if the run already has one with this `subjectHash`. */
  insert(approval: Approval): Promise<Approval>;
  /** Decides a pending approval in one atomic statement. Returns false if it was already decided. */
  decide(
    id: string,
    decision: Pick<Approval, 'status' | 'decidedById' | 'decidedByName' | 'note' | 'decidedAt'>,
  ): Promise<boolean>;
  findById(id: string): Promise<Approval | null>;
  /** Returns the approvals of a run, newest first. */
  findByRun(runId: string): Promise<Approval[]>;
  /** Sort: createdAt. Filters: runId, taskId, repositoryId, status. */
  list(query: ListQuery): Promise<Page<Approval>>;
}

export const ApprovalRepository = Symbol('ApprovalRepository');
