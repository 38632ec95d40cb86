import type { ChatMessage, LanguageModels, ModelReply, ModelRequest, ToolCall } from '@teko/domain';

/**
 * Returns models that neither receive secrets nor return them: a reply is stored, shown and used as it is returned here. `redact`
 * must keep everything else, because replies contain the code that is written.
 */
export function redactedModels(models: LanguageModels, redact: (text: string) => string): LanguageModels {
  const redactedMessages = new WeakMap<ChatMessage, ChatMessage>();
  const messageOf = (message: ChatMessage): ChatMessage => {
    // Replies and the results of tools are redacted before they become messages.
    if (message.role === 'assistant' || message.role === 'tool') return message;
    const redacted = redactedMessages.get(message) ?? { ...message, content: redact(message.content) };
    redactedMessages.set(message, redacted);
    return redacted;
  };
  const requestOf = (request: ModelRequest) => ({ ...request, messages: request.messages.map(messageOf) });
  return {
    complete: async (request, options) => replyOf(await models.complete(requestOf(request), options), redact),
    modelFor: (agentType, options) => models.modelFor(agentType, options),
    missingSettingFor: (model) => models.missingSettingFor(model),
    maxPrice: (request) => models.maxPrice(requestOf(request)),
    price: (model, usage) => models.price(model, usage),
  };
}

function replyOf(reply: ModelReply, redact: (text: string) => string): ModelReply {
  return {
    ...reply,
    content: redact(reply.content),
    toolCalls: reply.toolCalls.map((call): ToolCall => {
      const rawArgs = call.rawArgs === undefined ? {} : { rawArgs: redact(call.rawArgs) };
      return { ...call, args: redactStrings(call.args, redact) as ToolCall['args'], ...rawArgs };
    }),
  };
}

function redactStrings(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => redactStrings(item, redact));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactStrings(item, redact)]));
}
