import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import type { AIMessageChunk } from '@langchain/core/messages';
import type { ModelReply, ModelRequest } from '@teko/domain';
import type { ModelSettings, Provider } from './model-settings';
import { fromLangChain, toLangChain, toolForProvider } from './messages';

/** A model of a provider, called through LangChain. */
export class ProviderModel {
  constructor(private readonly client: BaseChatModel) {}

  /** Returns null if the response is incomplete. Sets `received.any` as soon as any part of it arrives. */
  async complete(request: ModelRequest, signal: AbortSignal, received: { any: boolean }): Promise<ModelReply | null> {
    const { tools, messages } = request;
    const bound = tools.length > 0 ? this.client.bindTools!(tools.map(toolForProvider)) : this.client;
    let whole: AIMessageChunk | undefined;
    for await (const chunk of await bound.stream(messages.map(toLangChain), { signal })) {
      received.any = true;
      whole = whole ? whole.concat(chunk as AIMessageChunk) : (chunk as AIMessageChunk);
    }
    signal.throwIfAborted();
    return whole ? fromLangChain(whole) : null;
  }
}

/** Loads only the package of this provider, because each takes about half a second. */
export async function openProviderModel(
  provider: Provider,
  name: string,
  maxTokens: number,
  settings: ModelSettings,
): Promise<ProviderModel> {
  return new ProviderModel(await clientOf(provider, name, maxTokens, settings));
}

async function clientOf(
  provider: Provider,
  name: string,
  maxTokens: number,
  { openaiApiKey, openaiBaseUrl, anthropicApiKey, anthropicBaseUrl, ollamaBaseUrl }: ModelSettings,
): Promise<BaseChatModel> {
  const common = { model: name, maxRetries: 0 };
  if (provider === 'openai') {
    const { ChatOpenAI } = await import('@langchain/openai');
    return new ChatOpenAI({
      ...common,
      maxTokens,
      apiKey: openaiApiKey ?? 'none',
      streamUsage: true,
      configuration: { baseURL: openaiBaseUrl },
    });
  }
  if (provider === 'anthropic') {
    const { ChatAnthropic } = await import('@langchain/anthropic');
    return new ChatAnthropic({ ...common, maxTokens, apiKey: anthropicApiKey, anthropicApiUrl: anthropicBaseUrl });
  }
  const { ChatOllama } = await import('@langchain/ollama');
  return new ChatOllama({ ...common, numPredict: maxTokens, baseUrl: ollamaBaseUrl });
}
