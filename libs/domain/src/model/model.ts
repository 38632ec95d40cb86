/** A message of an agent's conversation, as plain data so that it can be stored, hashed and replayed. */
export type ChatMessage =
  | { role: 'system' | 'user'; content: string }
  | { role: 'assistant'; content: string; toolCalls: ToolCall[] }
  | { role: 'tool'; toolCallId: string; name: string; content: string; isError: boolean };

export interface ToolCall {
  id: string;
  name: string;
  /** Parsed arguments; null when the model sent something that is not a JSON object. */
  args: Record<string, unknown> | null;
  /** The text the model sent where `args` is null. */
  rawArgs?: string;
}

/** What a model may call. `parameters` is a JSON Schema object. */
export interface ToolSpec {
  name: string;
  description: string;
  parameters: Record<string, unknown>;
}

export interface ModelRequest {
  /** `provider:model`. */
  model: string;
  messages: ChatMessage[];
  tools: ToolSpec[];
  maxOutputTokens: number;
  temperature?: number;
}

/** Tokens of one call. `input` includes cached ones. */
export interface TokenUsage {
  input: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
}

export interface ModelReply {
  content: string;
  toolCalls: ToolCall[];
  usage: TokenUsage;
  /** 'length' means the answer was cut at the output limit. */
  stopReason: 'stop' | 'tool_calls' | 'length' | 'other';
}
