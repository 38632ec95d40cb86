import type { EffectKind, EffectStatus } from '@teko/contracts';

/** A change in an external system, such as a push or a comment, that is made exactly once per `key`. */
export interface Effect {
  id: string;
  key: string;
  runId: string;
  kind: EffectKind;
  status: EffectStatus;
  request: Record<string, unknown>;
  result: Record<string, unknown> | null;
  error: string | null;
  createdAt: Date;
  updatedAt: Date;
}
