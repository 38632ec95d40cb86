import type { Price } from './prices';

export type Provider = 'openai' | 'anthropic' | 'ollama';

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
