import type { Price } from './prices';

export type Provider = 'openai' | 'anthropic' | 'ollama';

export interface ModelSettings {
  /** `provider:model` for agents that are not in `modelByAgent`. */
  model?: string;
  modelByAgent: Record<string, string | undefined>;
  /** `provider:model` to use if the model does not respond. */
  fallback?: string;
  fallbackByAgent?: Record<string, string | undefined>;
  openaiApiKey?: string;
  openaiBaseUrl?: string;
  anthropicApiKey?: string;
  anthropicBaseUrl?: string;
  ollamaBaseUrl?: string;
  /** Prices that override the built-in table, by prefix of `provider:model`. */
  prices?: Record<string, Price>;
  /** Path of the transcript for the replay model. */
  replayFile?: string;
}
