import type { Effect } from './effect';

/** Stores intended outside changes. `key` is unique. */
export interface EffectRepository {
  /** Stores the intent; when the key exists already, answers the stored one untouched. */
  begin(effect: Effect): Promise<Effect>;
  finish(id: string, patch: Pick<Effect, 'status' | 'answer' | 'error' | 'updatedAt'>): Promise<void>;
  findByRun(runId: string): Promise<Effect[]>;
}

export const EffectRepository = Symbol('EffectRepository');
