import { ModelError, type LanguageModels, type ModelChoice, type ModelReply, type ModelRequest } from '@teko/domain';
import type { ModelSettings, Provider } from './model-settings';
import type { ProviderModel } from './provider-model';
import { PriceList } from './prices';
import { ReplayModel } from './replay';
import { withRetry } from './retry';

/** Upper bound for what a provider adds to a request, such as its own instructions for tools. */
const PROVIDER_OVERHEAD_BYTES = 2_000;

const KEY_NAMES: Record<Provider, string> = {
  openai: 'OPENAI_API_KEY',
  anthropic: 'ANTHROPIC_API_KEY',
  ollama: 'OLLAMA_BASE_URL',
};

/** Creates the models: those of providers through LangChain, and the replay of a recorded transcript. */
export function createLanguageModels(settings: ModelSettings): LanguageModels {
  return new LangChainModels(settings);
}

class LangChainModels implements LanguageModels {
  private readonly clients = new Map<string, Promise<ProviderModel>>();
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
    return withRetry(signal, KEY_NAMES[provider], (received) => this.request(request, signal, received));
  }

  modelFor(agentType: string, { demo }: { demo: boolean }): ModelChoice {
    const { modelByAgent, fallbackByAgent } = this.settings;
    const model = modelByAgent[agentType] ?? this.settings.model;
    const fallback = fallbackByAgent?.[agentType] ?? this.settings.fallback ?? null;
    if (demo) return { model: `replay:demo/${agentType}`, fallback: null, missingSetting: null };
    if (!model) return { model: null, fallback: null, missingSetting: 'TEKO_MODEL' };
    const missing = this.missingKey(split(model)[0]) ?? (fallback && this.missingKey(split(fallback)[0]));
    return missing
      ? { model: null, fallback: null, missingSetting: missing }
      : { model, fallback, missingSetting: null };
  }

  missingSettingFor(model: string): string | null {
    return model.startsWith('replay:') ? null : this.missingKey(split(model)[0]);
  }

  price(model: string, usage: ModelReply['usage']): number | null {
    return this.prices.priceOf(model, usage);
  }

  maxPrice({ model, maxOutputTokens, ...sent }: ModelRequest): number | null {
    return this.prices.maxPriceOf(model, {
      bytes: Buffer.byteLength(JSON.stringify(sent)) + PROVIDER_OVERHEAD_BYTES,
      maxOutputTokens,
    });
  }

  private missingKey(provider: Provider): string | null {
    const { openaiApiKey, openaiBaseUrl, anthropicApiKey } = this.settings;
    if (provider === 'openai' && !openaiApiKey && !openaiBaseUrl) return KEY_NAMES.openai;
    return provider === 'anthropic' && !anthropicApiKey ? KEY_NAMES.anthropic : null;
  }

  private async request(request: ModelRequest, signal: AbortSignal, received: { any: boolean }): Promise<ModelReply> {
    const client = await this.client(request.model, request.maxOutputTokens);
    const reply = await client.complete(request, signal, received);
    if (!reply) throw new ModelError('the response of the model is incomplete', true);
    return reply;
  }

  private client(model: string, maxTokens: number): Promise<ProviderModel> {
    const key = `${model} ${maxTokens}`;
    const client = this.clients.get(key) ?? this.create(model, maxTokens);
    this.clients.set(key, client);
    return client;
  }

  /** Loads LangChain at the first use of a model. */
  private async create(model: string, maxTokens: number): Promise<ProviderModel> {
    const { openProviderModel } = await import('./provider-model');
    return openProviderModel(...split(model), maxTokens, this.settings);
  }
}

function split(model: string): [Provider, string] {
  const colon = model.indexOf(':');
  const provider = model.slice(0, colon);
  if (!(provider in KEY_NAMES))
    throw new ModelError(`${model} must look like anthropic:MODEL, openai:MODEL or ollama:MODEL`, false);
  return [provider as Provider, model.slice(colon + 1)];
}
