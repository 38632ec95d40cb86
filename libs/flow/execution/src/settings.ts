import type { Finding, GateReport, NewEvent, Repository, Run, SandboxLimits, Task } from '@teko/domain';

/** What the execution stage needs to know of its process. */
export interface ExecutionSettings {
  /** Folder of the data; workspaces are made in it. */
  home: string;
  /** Names this process in leases. */
  workerId: string;
  leaseTtlMs: number;
  sandboxLimits: SandboxLimits;
  /** Hides secrets in what is stored and shown. */
  redact: (text: string) => string;
}
export const ExecutionSettings = Symbol('ExecutionSettings');

/** Gives results back to the outside; the feedback stage does it. */
export interface Delivery {
  deliver(result: {
    run: Run;
    task: Task;
    repository: Repository;
    gate: GateReport;
    headCommit: string;
    title: string;
    summary: string;
  }): Promise<void>;
  report(result: { run: Run; task: Task; findings?: Finding[] }): Promise<void>;
}
export const Delivery = Symbol('Delivery');

/** Tells the live streams that a row changed. */
export type RecordEvent = (event: NewEvent) => Promise<void>;
export const RecordEvent = Symbol('RecordEvent');
