import type { RunOutcome } from '@teko/contracts';

/** How a run ended, computed from facts. */
export interface RunResult {
  status: 'succeeded' | 'failed' | 'cancelled';
  outcome: RunOutcome;
  detail: string;
  /** Whether the work is kept although the outcome does not say so. */
  keepsWork?: boolean;
  /** Whether the workspace has work that could not be committed. */
  hasUnsavedWork?: boolean;
}

/** Thrown to end the run as failed. */
export class RunAborted extends Error {
  constructor(
    readonly outcome: RunOutcome,
    detail: string,
  ) {
    super(detail);
    this.name = 'RunAborted';
  }
}

/** Thrown to suspend the run until a human has answered. It occupies no worker meanwhile. */
export class RunSuspended extends Error {
  constructor(question: string) {
    super(question);
    this.name = 'RunSuspended';
  }
}

/** Why a run has to stop. */
export type StopCause = 'cancelled' | 'time' | 'shutdown' | 'lease';

/** Abort reason of the signal of a run. */
export class RunStopped extends Error {
  constructor(readonly stopCause: StopCause) {
    super(`the run was stopped: ${stopCause}`);
    this.name = 'RunStopped';
  }
}
