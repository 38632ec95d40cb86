import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import type { AIMessageChunk } from '@langchain/core/messages';
import { ModelError, type LanguageModels, type ModelChoice, type ModelReply, type ModelRequest } from '@teko/domain';
import { fromLangChain, toLangChain, toolForProvider } from './messages';
import { PriceList, type Price } from './prices';
import { ReplayModel } from './replay';
import { withRetry } from './retry';

export interface ModelSettings {
  /** `provider:model` for agents without a model of their own. */
  model?: string;
  modelByAgent: Record<string, string | undefined>;
  /** Stands in where the model does not answer. */
  fallback?: string;
  fallbackByAgent?: Record<string, string | undefined>;
  openaiApiKey?: string;
  openaiBaseUrl?: string;
  anthropicApiKey?: string;
  anthropicBaseUrl?: string;
  ollamaBaseUrl?: string;
  /** Prices that take the place of the table's, by `provider:` and the start of the model's name. */
  prices?: Record<string, Price>;
  /** Transcript of the replay model. */
  replayFile?: string;
}

/** Tokens that a provider puts around what is sent, such as its own words on tools; generous. */
const FRAMING = 2_000;

type Provider = 'openai' | 'anthropic' | 'ollama';
const KEY_NAMES: Record<Provider, string> = {
  openai: 'OPENAI_API_KEY',
  anthropic: 'ANTHROPIC_API_KEY',
  ollama: 'OLLAMA_BASE_URL',
};

/** Real models through LangChain, and the replay of a recorded one. */
export function createLanguageModels(settings: ModelSettings): LanguageModels {
  return new LangChainModels(settings);
}

class LangChainModels implements LanguageModels {
  private readonly clients = new Map<string, Promise<BaseChatModel>>();
  private readonly replay: ReplayModel;
  private readonly prices: PriceList;

  constructor(private readonly settings: ModelSettings) {
    this.replay = new ReplayModel(settings.replayFile);
    this.prices = new PriceList(settings.prices);
  }

  async complete(request: ModelRequest, { signal }: { signal: AbortSignal }): Promise<ModelReply> {
    signal.throwIfAborted();
    if (request.model.startsWith('replay:')) return this.replay.complete(request);
    const [provider] = split(request.model);
    return withRetry(signal, KEY_NAMES[provider], (received) => this.ask(request, signal, received));
  }

  modelFor(agentType: string, { demo }: { demo: boolean }): ModelChoice {
    const { modelByAgent, fallbackByAgent } = this.settings;
    const model = modelByAgent[agentType] ?? this.settings.model;
    const fallback = fallbackByAgent?.[agentType] ?? this.settings.fallback ?? null;
    if (demo) return { model: `replay:demo/${agentType}`, fallback: null, missing: null };
    if (!model) return { model: null, fallback: null, missing: 'TEKO_MODEL' };
    const missing = this.missingKey(split(model)[0]) ?? (fallback && this.missingKey(split(fallback)[0]));
    return missing ? { model: null, fallback: null, missing } : { model, fallback, missing: null };
  }

  missingFor(model: string): string | null {
    return model.startsWith('replay:') ? null : this.missingKey(split(model)[0]);
  }

  price(model: string, usage: ModelReply['usage']): number | null {
    return this.prices.of(model, usage);
  }

  worstPrice({ model, maxOutputTokens, ...sent }: ModelRequest): number | null {
    return this.prices.worst(model, { bytes: Buffer.byteLength(JSON.stringify(sent)) + FRAMING, maxOutputTokens });
  }

  private missingKey(provider: Provider): string | null {
    const { openaiApiKey, openaiBaseUrl, anthropicApiKey } = this.settings;
    if (provider === 'openai' && !openaiApiKey && !openaiBaseUrl) return KEY_NAMES.openai;
    return provider === 'anthropic' && !anthropicApiKey ? KEY_NAMES.anthropic : null;
  }

  private async ask(request: ModelRequest, signal: AbortSignal, received: { any: boolean }): Promise<ModelReply> {
    const client = await this.client(request.model, request.maxOutputTokens);
    const bound = request.tools.length > 0 ? client.bindTools!(request.tools.map(toolForProvider)) : client;
    let whole: AIMessageChunk | undefined;
    for await (const chunk of await bound.stream(request.messages.map(toLangChain), { signal })) {
      received.any = true;
      whole = whole ? whole.concat(chunk as AIMessageChunk) : (chunk as AIMessageChunk);
    }
    signal.throwIfAborted();
    const reply = whole ? fromLangChain(whole) : null;
    if (!reply) throw new ModelError('the answer of the model ended in the middle', true);
    return reply;
  }

  private client(model: string, maxTokens: number): Promise<BaseChatModel> {
    const key = `${model} ${maxTokens}`;
    const known = this.clients.get(key) ?? this.create(model, maxTokens);
    this.clients.set(key, known);
    return known;
  }

  /** Provider packages are loaded when they are first used: each takes half a second. */
  private async create(model: string, maxTokens: number): Promise<BaseChatModel> {
    const [provider, name] = split(model);
    const { openaiApiKey, openaiBaseUrl, anthropicApiKey, anthropicBaseUrl, ollamaBaseUrl } = this.settings;
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
}

function split(model: string): [Provider, string] {
  const colon = model.indexOf(':');
  const provider = model.slice(0, colon);
  if (!(provider in KEY_NAMES))
    throw new ModelError(`${model} is not provider:model; use anthropic:, openai: or ollama:`, false);
  return [provider as Provider, model.slice(colon + 1)];
}
