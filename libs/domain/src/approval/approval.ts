import type { ApprovalKind, ApprovalStatus } from '@teko/contracts';

/** A question to people before a change leaves Teko. It holds for exactly what was shown: `subjectHash`. */
export interface Approval {
  id: string;
  kind: ApprovalKind;
  runId: string;
  taskId: string;
  repositoryId: string;
  status: ApprovalStatus;
  /** Why somebody is asked. */
  reasons: string[];
  title: string;
  /** The plan that is asked about; null for a change, which its commits show. */
  text: string | null;
  /** The files that the plan names; null for a change. */
  files: string[] | null;
  baseCommit: string;
  headCommit: string;
  /** SHA-256 over commit, title and summary of the change and the text of the task. */
  subjectHash: string;
  decidedById: string | null;
  decidedByName: string | null;
  note: string | null;
  createdAt: Date;
  decidedAt: Date | null;
}
