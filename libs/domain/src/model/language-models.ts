import type { ModelReply, ModelRequest } from './model';

/** Asks a model one thing. */
export interface LanguageModels {
  /**
   * Answers once, complete; throws ModelError. A failed call is retried inside only where nothing was received.
   * `signal` aborts the request on the wire.
   */
  complete(request: ModelRequest, options: { signal: AbortSignal; runId: string }): Promise<ModelReply>;
  /** The model of an agent type, or null with the name of the setting that is missing. */
  modelFor(agentType: string, options: { demo: boolean }): ModelChoice;
  /** The setting that a model needs and that is not set; null where none is missing. */
  missingFor(model: string): string | null;
  /** The most that a call can cost, in millionths of a US dollar; null when the model has no known price. */
  worstPrice(request: ModelRequest): number | null;
  /** Price of a call in millionths of a US dollar; null when the model has no known price. */
  price(model: string, usage: ModelReply['usage']): number | null;
}

export const LanguageModels = Symbol('LanguageModels');

export interface ModelChoice {
  /** `provider:model`. */
  model: string | null;
  /** Asked where `model` does not answer; null where there is none. */
  fallback: string | null;
  /** The setting that is missing where `model` is null. */
  missing: string | null;
}
