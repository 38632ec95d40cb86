import type { ApprovalRule, Approvers, PlanRule, RepositoryStatus, UnprovenRule } from '@teko/contracts';

/** A code repository that Teko manages. */
export interface Repository {
  id: string;
  name: string;
  /** Path on this host or Git URL, without credentials. */
  url: string;
  forge: 'local' | 'github';
  /** Id on the forge, which survives renames; null for a local repository. */
  forgeId: string | null;
  /** `owner/name` on the forge; null for a local repository. */
  forgeName: string | null;
  /** Teko no longer accepts tasks for an archived repository. */
  archived: boolean;
  /** The label that starts a task when it is added to an issue. */
  intakeLabel: string;
  /** When the repository was last reconciled with the forge; null if never. */
  reconciledAt: Date | null;
  /** Total number of events that webhooks missed and reconciliation found. */
  missedEvents: number;
  defaultBranch: string | null;
  status: RepositoryStatus;
  /** Why the last fetch or analysis failed, shown to users. */
  statusReason: string | null;
  /** Head commit of the default branch at the last fetch. */
  headCommit: string | null;
  /** Override the detected commands; null uses the detected command. Lint and build command are shown to the agent; Teko does not run them. */
  setupCommand: string | null;
  testCommand: string | null;
  lintCommand: string | null;
  buildCommand: string | null;
  /** Which changes need approval. */
  approvalRule: ApprovalRule;
  /**
   * Patterns of sensitive files, as in .gitignore, that can change without approval; null if there are none. They do not
   * apply to `.teko.yml`, instructions for agents, links, submodules and misleading names.
   */
  preapprovedPaths: string[] | null;
  approvers: Approvers;
  /** What happens to a result that its tests do not prove. */
  unprovenRule: UnprovenRule;
  /** Whether the plan has to be approved before the agent changes anything. */
  planRule: PlanRule;
  /** Share of the workers relative to other repositories, 1 to 100. */
  weight: number;
  demo: boolean;
  fetchedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}
