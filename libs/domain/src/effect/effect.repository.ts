import type { Effect } from './effect';

/** Stores effects. `key` is unique. */
export interface EffectRepository {
  /** Stores the effect before it is executed, or returns the stored one if the key already exists. */
  begin(effect: Effect): Promise<Effect>;
  finish(id: string, patch: Pick<Effect, 'status' | 'result' | 'error' | 'updatedAt'>): Promise<void>;
  findByRun(runId: string): Promise<Effect[]>;
}

export const EffectRepository = Symbol('EffectRepository');
