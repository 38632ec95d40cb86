import type { Lease } from '../run/run';
import type { ModelCall } from './model-call';

/** Stores paid calls with their recorded exchange. (runId, key) is unique. */
export interface ModelCallRepository {
  begin(call: ModelCall): Promise<ModelCall>;
  /** Under a lease; throws LeaseLostError when another worker holds the run. One that is answered stays as it is. */
  finish(id: string, patch: Partial<ModelCall>, lease: Lease | null): Promise<void>;
  findByKey(runId: string, key: string): Promise<ModelCall | null>;
  findByRun(runId: string): Promise<ModelCall[]>;
}

export const ModelCallRepository = Symbol('ModelCallRepository');
