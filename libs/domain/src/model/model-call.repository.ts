import type { Lease } from '../run/run';
import type { ModelCall } from './model-call';

/** Stores model calls with their recorded messages. (runId, key) is unique. */
export interface ModelCallRepository {
  /** Stores the call before it is made, or returns the stored one if the key already exists. */
  begin(call: ModelCall): Promise<ModelCall>;
  /** Stores the result. Throws LeaseLostError if another worker has claimed the run. A finished call is not changed. */
  finish(id: string, patch: Partial<ModelCall>, lease: Lease | null): Promise<void>;
  findByKey(runId: string, key: string): Promise<ModelCall | null>;
  findByRun(runId: string): Promise<ModelCall[]>;
}

export const ModelCallRepository = Symbol('ModelCallRepository');
