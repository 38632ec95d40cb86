import type { EffectKind, EffectStatus } from '@teko/contracts';

/**
 * A write that must happen exactly once: a push, a pull request, the change stored in Teko, or a comment stored there. The
 * unique `key` identifies it.
 */
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
