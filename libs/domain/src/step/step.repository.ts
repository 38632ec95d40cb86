import type { Lease } from '../run/run';
import type { Step } from './step';

/** Stores what happened in runs. (runId, key) and (runId, seq) are unique. */
export interface StepRepository {
  /** Stores a step with the next `seq`; when the key exists already, answers the stored one untouched. */
  begin(step: Omit<Step, 'seq'>): Promise<Step>;
  /** Under a lease; throws LeaseLostError when another worker holds the run. Null for what needs none. */
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
