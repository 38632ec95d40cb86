import type { Lease } from '../run/run';
import type { Step } from './step';

/** Stores the steps of runs. (runId, key) and (runId, seq) are unique. */
export interface StepRepository {
  /** Stores a step with the next `seq`, or returns the stored one if the key already exists. */
  begin(step: Omit<Step, 'seq'>): Promise<Step>;
  /** Stores the result of a step. Throws LeaseLostError if another worker has claimed the run; a null lease skips this check. */
  finish(
    id: string,
    patch: Pick<Step, 'status' | 'output' | 'data' | 'finishedAt'>,
    lease: Lease | null,
  ): Promise<Step>;
  findByKey(runId: string, key: string): Promise<Step | null>;
  findById(id: string): Promise<Step | null>;
  findByRun(runId: string): Promise<Step[]>;
}

export const StepRepository = Symbol('StepRepository');
