import type { EffectKind, EffectStatus } from '@teko/contracts';

/** One intended change of the outside world, done once for each `key`. */
export interface Effect {
  id: string;
  key: string;
  runId: string;
  kind: EffectKind;
  status: EffectStatus;
  request: Record<string, unknown>;
  answer: Record<string, unknown> | null;
  error: string | null;
  createdAt: Date;
  updatedAt: Date;
}
