import {
  AIMessage,
  HumanMessage,
  SystemMessage,
  ToolMessage,
  type AIMessageChunk,
  type BaseMessage,
} from '@langchain/core/messages';
import { jsonDepth, type ChatMessage, type ModelReply, type ToolCall, type ToolSpec } from '@teko/domain';

/** Replaces an empty message of the model, because Anthropic rejects empty messages. */
const NO_CONTENT = '(no content)';
const MAX_DEPTH = 100;

/** Converts a message to LangChain. A tool call with invalid JSON is sent without arguments, because providers reject it. */
export function toLangChain(message: ChatMessage): BaseMessage {
  const content = wellFormed(message.content);
  switch (message.role) {
    case 'system':
      return new SystemMessage(content);
    case 'user':
      return new HumanMessage(content);
    case 'tool':
      return new ToolMessage({
        content,
        tool_call_id: message.toolCallId,
        name: message.name,
        status: message.isError ? 'error' : 'success',
      });
    case 'assistant':
      return new AIMessage({
        content: content.trim() === '' ? (message.toolCalls.length > 0 ? '' : NO_CONTENT) : content,
        tool_calls: message.toolCalls.map(({ id, name, args }) => ({
          id,
          name,
          args: args ? (JSON.parse(JSON.stringify(args), replaceLoneSurrogates) as Record<string, unknown>) : {},
          type: 'tool_call' as const,
        })),
      });
  }
}

/** Replaces lone surrogates, which truncation can leave and providers reject. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

function replaceLoneSurrogates(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? wellFormed(value) : value;
}

export function toolForProvider({ name, description, parameters }: ToolSpec) {
  return { type: 'function' as const, function: { name, description, parameters } };
}

/** Converts a reply of LangChain. Returns null if the stream ended without a finish reason, so the reply is incomplete. */
export function fromLangChain(chunk: AIMessageChunk): ModelReply | null {
  const finish = finishReason(chunk);
  if (!finish) return null;
  const usage = chunk.usage_metadata;
  return {
    content: chunk.text,
    toolCalls: toolCalls(chunk),
    stopReason: STOP_REASONS[finish] ?? 'other',
    usage: {
      input: usage?.input_tokens ?? 0,
      cacheRead: usage?.input_token_details?.cache_read ?? 0,
      cacheWrite: usage?.input_token_details?.cache_creation ?? 0,
      output: usage?.output_tokens ?? 0,
    },
  };
}

const STOP_REASONS: Record<string, ModelReply['stopReason']> = {
  stop: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_calls: 'tool_calls',
  tool_use: 'tool_calls',
  length: 'length',
  max_tokens: 'length',
};

function finishReason(chunk: AIMessageChunk): string | undefined {
  const metadata = { ...chunk.additional_kwargs, ...chunk.response_metadata } as Record<string, unknown>;
  return [metadata.finish_reason, metadata.stop_reason, metadata.done_reason].find(
    (reason): reason is string => typeof reason === 'string',
  );
}

/** Prefers the raw chunks: LangChain repairs truncated arguments, but a truncated call must not run. */
function toolCalls(chunk: AIMessageChunk): ToolCall[] {
  const chunks = chunk.tool_call_chunks ?? [];
  if (chunks.length === 0)
    return (chunk.tool_calls ?? []).map(({ id, name, args }, i) => ({
      id: id ?? `call-${i}`,
      name,
      args: args as Record<string, unknown>,
    }));
  return chunks.map(({ id, name, args }, i) => ({ id: id ?? `call-${i}`, name: name ?? '', ...parseArgs(args ?? '') }));
}

function parseArgs(text: string): Pick<ToolCall, 'args' | 'rawArgs'> {
  try {
    const args: unknown = jsonDepth(text, MAX_DEPTH) > MAX_DEPTH ? null : JSON.parse(text === '' ? '{}' : text);
    if (typeof args === 'object' && args !== null && !Array.isArray(args))
      return { args: args as Record<string, unknown> };
  } catch {
    // Invalid JSON: the caller reports it to the model.
  }
  return { args: null, rawArgs: text };
}
