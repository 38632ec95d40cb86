import type { ApprovalRule, Approvers, PlanRule, RepositoryStatus } from '@teko/contracts';

/** A code repository under care. */
export interface Repository {
  id: string;
  name: string;
  /** Path on this host or git URL; never with a credential inside. */
  url: string;
  forge: 'local' | 'github';
  /** The forge's own identifier, which survives renames; null on this host. */
  forgeId: string | null;
  /** `owner/name` on the forge; null on this host. */
  forgeName: string | null;
  /** Nothing is taken in there any more. */
  archived: boolean;
  /** The label that asks for work on an issue. */
  intakeLabel: string;
  /** When the forge was last asked what webhooks have lost; null where it never was. */
  reconciledAt: Date | null;
  /** What webhooks lost and asking found, so far. */
  missedEvents: number;
  defaultBranch: string | null;
  status: RepositoryStatus;
  /** Why the last fetch or analysis failed, for the user. */
  statusReason: string | null;
  /** The tip of the default branch at the last fetch. */
  headCommit: string | null;
  /** Overrides of what analysis detects; null means "as detected". */
  setupCommand: string | null;
  testCommand: string | null;
  lintCommand: string | null;
  buildCommand: string | null;
  approvalRule: ApprovalRule;
  approvers: Approvers;
  /** Whether people approve the plan before the agent changes anything. */
  planRule: PlanRule;
  /** Its share of the workers, against other repositories: 1 to 100. */
  weight: number;
  demo: boolean;
  fetchedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}
