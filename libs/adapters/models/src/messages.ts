import {
  AIMessage,
  HumanMessage,
  SystemMessage,
  ToolMessage,
  type AIMessageChunk,
  type BaseMessage,
} from '@langchain/core/messages';
import type { ChatMessage, ModelReply, ToolCall, ToolSpec } from '@teko/domain';

/** What a model that said nothing is shown to have said: Anthropic refuses an empty message. */
const NOTHING_SAID = '(nothing)';

/** Our messages as LangChain's. A call whose arguments were no JSON goes back as an empty one, since providers refuse it. */
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
        content: content.trim() === '' ? (message.toolCalls.length > 0 ? '' : NOTHING_SAID) : content,
        tool_calls: message.toolCalls.map(({ id, name, args }) => ({
          id,
          name,
          args: args ? (JSON.parse(JSON.stringify(args), halvesGone) as Record<string, unknown>) : {},
          type: 'tool_call' as const,
        })),
      });
  }
}

/** Half a character, as a cut leaves it, makes a request that providers refuse. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

function halvesGone(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? wellFormed(value) : value;
}

export function toolForProvider({ name, description, parameters }: ToolSpec) {
  return { type: 'function' as const, function: { name, description, parameters } };
}

/** LangChain's reply as ours; null when the stream ended before the provider said that it was done. */
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
  const facts = { ...chunk.additional_kwargs, ...chunk.response_metadata } as Record<string, unknown>;
  return [facts.finish_reason, facts.stop_reason, facts.done_reason].find(
    (reason): reason is string => typeof reason === 'string',
  );
}

/** From the raw pieces where there are any: LangChain mends arguments that were cut off, and a cut call must not run. */
function toolCalls(chunk: AIMessageChunk): ToolCall[] {
  const pieces = chunk.tool_call_chunks ?? [];
  if (pieces.length === 0)
    return (chunk.tool_calls ?? []).map(({ id, name, args }, i) => ({
      id: id ?? `call-${i}`,
      name,
      args: args as Record<string, unknown>,
    }));
  return pieces.map(({ id, name, args }, i) => ({ id: id ?? `call-${i}`, name: name ?? '', ...parsed(args ?? '') }));
}

function parsed(text: string): Pick<ToolCall, 'args' | 'rawArgs'> {
  try {
    const args: unknown = JSON.parse(text === '' ? '{}' : text);
    if (typeof args === 'object' && args !== null && !Array.isArray(args))
      return { args: args as Record<string, unknown> };
  } catch {
    // Falls through: the caller tells the model what it sent.
  }
  return { args: null, rawArgs: text };
}
