import type {
  Finding,
  FinishReport,
  GateReport,
  NewEvent,
  Repository,
  ResumePoint,
  Run,
  SandboxLimits,
  Task,
} from '@teko/domain';

import type { ReplyDraft } from './tools';

/** What the execution stage needs to know of its process. */
export interface ExecutionSettings {
  /** Folder of the data; workspaces are made in it. */
  home: string;
  /** Names this process in leases. */
  workerId: string;
  leaseTtlMs: number;
  sandboxLimits: SandboxLimits;
  /** Tokens that one question to a model may hold, by our estimate; well below its window. */
  contextTokens: number;
  /** First wait of a run whose model does not answer, in milliseconds; 0 ends it instead. */
  outageWaitMs: number;
  /** Hides secrets in what is stored and shown. */
  redact: (text: string) => string;
}
export const ExecutionSettings = Symbol('ExecutionSettings');

/** Throws LeaseLostError where the run is another worker's by now; asked before each outside change. */
export type Fence = () => Promise<void>;

/** Gives results back to the outside; the feedback stage does it. */
export interface Delivery {
  deliver(
    result: {
      run: Run;
      task: Task;
      repository: Repository;
      gate: GateReport;
      headCommit: string;
      /** Work that it stands on. */
      continued: ResumePoint | null;
      report: FinishReport;
      replies: ReplyDraft[];
    },
    fence: Fence,
  ): Promise<void>;
  /** Answers what was asked about a change that nothing had to be changed for. */
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
  /** Puts unfinished work on the run's branch; answers its name. */
  keep(
    work: { run: Run; task: Task; repository: Repository; headCommit: string; continued: ResumePoint | null },
    fence: Fence,
  ): Promise<string>;
  /** Asks on the task. `id` tells questions of a run apart. */
  ask(question: { run: Run; task: Task; question: string; id: string }, fence: Fence): Promise<void>;
  report(result: { run: Run; task: Task; findings?: Finding[] }, fence: Fence): Promise<void>;
}
export const Delivery = Symbol('Delivery');

/** Tells the live streams that a row changed. */
export type RecordEvent = (event: NewEvent) => Promise<void>;
export const RecordEvent = Symbol('RecordEvent');
