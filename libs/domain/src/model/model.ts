/** A message of an agent's conversation, as plain data so that it can be stored, hashed and replayed. */
export type ChatMessage =
  | { role: 'system' | 'user'; content: string }
  | { role: 'assistant'; content: string; toolCalls: ToolCall[] }
  | { role: 'tool'; toolCallId: string; name: string; content: string; isError: boolean };

export interface ToolCall {
  id: string;
  name: string;
  /** Parsed arguments; null if the model did not send a JSON object. */
  args: Record<string, unknown> | null;
  /** The text that the model sent if `args` is null. */
  rawArgs?: string;
}

/** A tool that a model can call. `parameters` is a JSON Schema object. */
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

/** Tokens of one call. `input` includes cached tokens. */
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
  /** `length`: the reply was truncated at the output limit. */
  stopReason: 'stop' | 'tool_calls' | 'length' | 'other';
}
