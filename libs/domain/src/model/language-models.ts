import type { ModelReply, ModelRequest } from './model';

/** Calls language models and knows their prices. */
export interface LanguageModels {
  /**
   * Returns the complete reply; throws ModelError. A failed call is retried internally only if nothing was received.
   * `signal` aborts the HTTP request.
   */
  complete(request: ModelRequest, options: { signal: AbortSignal; runId: string }): Promise<ModelReply>;
  /** Returns the model of an agent type, or the name of the setting that is missing. */
  modelFor(agentType: string, options: { demo: boolean }): ModelChoice;
  /** Returns the name of the setting that the model needs but is not set, or null if none is missing. */
  missingSettingFor(model: string): string | null;
  /** Returns the maximum cost of a call in millionths of a US dollar, or null if the price is unknown. */
  maxPrice(request: ModelRequest): number | null;
  /** Returns the cost of a call in millionths of a US dollar, or null if the price is unknown. */
  price(model: string, usage: ModelReply['usage']): number | null;
}

export const LanguageModels = Symbol('LanguageModels');

export interface ModelChoice {
  /** `provider:model`. */
  model: string | null;
  /** Used when `model` is unavailable; null if none is configured. */
  fallback: string | null;
  /** Name of the missing setting if `model` is null; else null. */
  missingSetting: string | null;
}
