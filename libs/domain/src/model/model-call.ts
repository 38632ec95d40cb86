import type { ChatMessage, ModelReply } from './model';

/** A paid model call with its tokens, cost and recorded messages. */
export interface ModelCall {
  id: string;
  runId: string;
  /** Use, turn and request hash; unique within the run. A finished call is never paid for again. */
  key: string;
  model: string;
  status: 'pending' | 'done' | 'failed';
  requestHash: string;
  /** Messages since the previous reply; null if they were not recorded. */
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

/** Purpose of a model call in a run: the agent's next turn, or a summary of earlier messages. */
export type ModelCallUse = 'turn' | 'summary';

export function modelCallKey(use: ModelCallUse, turn: number, requestHash: string): string {
  return `${use}:${turn}:${requestHash.slice(0, 16)}`;
}

/** Returns the turn that the call was made for, or null if it has a different use. */
export function turnOf({ key }: Pick<ModelCall, 'key'>, use: ModelCallUse = 'turn'): number | null {
  const [callUse, turn] = key.split(':');
  return callUse === use ? Number(turn) : null;
}
