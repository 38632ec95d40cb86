import type {
  Approval,
  Finding,
  FinishReport,
  GateReport,
  LeftOutFile,
  NewEvent,
  Repository,
  ResumePoint,
  Run,
  SandboxLimits,
  Task,
} from '@teko/domain';
import type { ReplyDraft } from './tools';

/** Settings of the execution stage. */
export interface ExecutionSettings {
  /** Data folder; workspaces are created below it. */
  home: string;
  /** Identifies this process in leases. */
  workerId: string;
  leaseTtlMs: number;
  sandboxLimits: SandboxLimits;
  /** Maximum of estimated tokens per model request; well below the context window of the model. */
  contextTokens: number;
  /** How long a run first waits during an outage of the model or the forge, in milliseconds; 0 fails it instead. */
  outageWaitMs: number;
  /** Replaces secrets in text before it is stored. */
  redact: (text: string) => string;
}
export const ExecutionSettings = Symbol('ExecutionSettings');

/** Throws LeaseLostError if another worker has claimed the run. Called before each external change. */
export type Fence = () => Promise<void>;

/** Publishes the results of runs. Implemented by the feedback stage. */
export interface ResultPublisher {
  /**
   * Pushes the branch, opens or updates the change, and comments on the task. Throws ConflictError if the branch has new commits,
   * RejectedChangeError if the forge refuses the content.
   */
  deliver(
    result: {
      run: Run;
      task: Task;
      repository: Repository;
      gate: GateReport;
      headCommit: string;
      /** Earlier work that this result continues. */
      continued: ResumePoint | null;
      /** New files in the workspace that are not part of the commit. */
      leftOut: LeftOutFile[];
      report: FinishReport;
      replies: ReplyDraft[];
    },
    fence: Fence,
  ): Promise<void>;
  /** Answers comments that needed no new commit on their change. */
  answer(
    result: {
      run: Run;
      task: Task;
      repository: Repository;
      headCommit: string;
      continued: ResumePoint | null;
      report: FinishReport;
      replies: ReplyDraft[];
    },
    fence: Fence,
  ): Promise<void>;
  /** Pushes unfinished work to the run's branch, opens a draft if `opensDraft`, and returns the name of the branch. */
  saveUnfinished(
    work: {
      run: Run;
      task: Task;
      repository: Repository;
      headCommit: string;
      continued: ResumePoint | null;
      opensDraft: boolean;
    },
    fence: Fence,
  ): Promise<string>;
  /** Posts a question on the task. `id` identifies the question within the run. */
  ask(question: { run: Run; task: Task; question: string; id: string }, fence: Fence): Promise<void>;
  /** Asks on the task for an approval, once. */
  requestApproval(request: { run: Run; task: Task; approval: Approval }, fence: Fence): Promise<void>;
  /** Reports a failed run, or the findings of a review. */
  report(result: { run: Run; task: Task; findings?: Finding[] }, fence: Fence): Promise<void>;
}
export const ResultPublisher = Symbol('ResultPublisher');

/** Publishes to the live streams that a row has changed. */
export type RecordEvent = (event: NewEvent) => Promise<void>;
export const RecordEvent = Symbol('RecordEvent');
