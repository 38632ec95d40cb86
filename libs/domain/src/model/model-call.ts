import type { ChatMessage, ModelReply } from './model';

/** One paid call with tokens, price and the recorded exchange. */
export interface ModelCall {
  id: string;
  runId: string;
  /** Unique in the run: what it was for, the turn and the hash of what was asked. A done call of the same key is never paid again. */
  key: string;
  model: string;
  status: 'pending' | 'done' | 'failed';
  requestHash: string;
  /** What was said since the answer before; null where it was not kept. */
  newMessages: ChatMessage[] | null;
  reply: ModelReply | null;
  error: string | null;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  costMicros: number | null;
  durationMs: number | null;
  createdAt: Date;
  finishedAt: Date | null;
}

/** What a model is asked for in a run: its next turn, or what was before it summed up. */
export type ModelCallUse = 'turn' | 'summary';

export function modelCallKey(use: ModelCallUse, turn: number, requestHash: string): string {
  return `${use}:${turn}:${requestHash.slice(0, 16)}`;
}

/** The turn that a call was made for; null where it was for something else. */
export function turnOf({ key }: Pick<ModelCall, 'key'>, use: ModelCallUse = 'turn'): number | null {
  const [what, turn] = key.split(':');
  return what === use ? Number(turn) : null;
}
