import type { RunOutcome } from '@teko/contracts';

/** How a run ends, from facts. */
export interface RunResult {
  status: 'succeeded' | 'failed' | 'cancelled';
  outcome: RunOutcome;
  detail: string;
}

/** Ends the run from anywhere inside it. */
export class RunAborted extends Error {
  constructor(
    readonly outcome: RunOutcome,
    detail: string,
  ) {
    super(detail);
    this.name = 'RunAborted';
  }
}

/** Leaves the run where it is until people have answered; no worker is held meanwhile. */
export class RunSuspended extends Error {
  constructor(question: string) {
    super(question);
    this.name = 'RunSuspended';
  }
}

/** Why a run is told to stop from outside. */
export type StopCause = 'cancelled' | 'time' | 'shutdown' | 'lease';

export class Stopped extends Error {
  constructor(readonly why: StopCause) {
    super(`the run was stopped: ${why}`);
    this.name = 'Stopped';
  }
}
