import type { ApprovalKind, ApprovalRule, Approvers, ApprovalStatus } from '@teko/contracts';
import type { SensitiveFile } from '../change/sensitive-files';

/** A request for human approval of a plan or a change. It covers exactly the content identified by `subjectHash`. */
export interface Approval {
  id: string;
  kind: ApprovalKind;
  runId: string;
  taskId: string;
  repositoryId: string;
  status: ApprovalStatus;
  /** Why approval is required, one sentence each. */
  reasons: string[];
  /** The repository's rule when the approval was requested; null if it was requested by release 0.1.0. */
  rule: ApprovalRule | null;
  /** Who could approve when the approval was requested; null if it was requested by release 0.1.0. */
  approvers: Approvers | null;
  /** The files that need approval, each with the reason; null for a plan, or if it was requested by release 0.1.0. */
  sensitiveFiles: SensitiveFile[] | null;
  title: string;
  /** The plan in Markdown; null for a change, whose content is in its commits. */
  text: string | null;
  /** Files that the plan lists; null for a change. */
  files: string[] | null;
  baseCommit: string;
  headCommit: string;
  /** SHA-256 of the commit, the title and summary of the change, and the text of the task. */
  subjectHash: string;
  decidedById: string | null;
  decidedByName: string | null;
  note: string | null;
  createdAt: Date;
  decidedAt: Date | null;
}
