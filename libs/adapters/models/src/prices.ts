import type { TokenUsage } from '@teko/domain';

/** US dollars per million tokens. */
export interface Price {
  input: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
}

export const PRICES_AS_OF = '2025-11';

/** Prices by prefix of `provider:model`. The longest matching prefix applies. */
export const PRICES: Record<string, Price> = {
  'anthropic:claude-opus-4-5': { input: 5, cacheRead: 0.5, cacheWrite: 6.25, output: 25 },
  'anthropic:claude-opus-4': { input: 15, cacheRead: 1.5, cacheWrite: 18.75, output: 75 },
  'anthropic:claude-sonnet-4': { input: 3, cacheRead: 0.3, cacheWrite: 3.75, output: 15 },
  'anthropic:claude-haiku-4': { input: 1, cacheRead: 0.1, cacheWrite: 1.25, output: 5 },
  'anthropic:claude-3-5-haiku': { input: 0.8, cacheRead: 0.08, cacheWrite: 1, output: 4 },
  'openai:gpt-5-mini': { input: 0.25, cacheRead: 0.025, cacheWrite: 0.25, output: 2 },
  'openai:gpt-5-nano': { input: 0.05, cacheRead: 0.005, cacheWrite: 0.05, output: 0.4 },
  'openai:gpt-5': { input: 1.25, cacheRead: 0.125, cacheWrite: 1.25, output: 10 },
  'openai:gpt-4.1-mini': { input: 0.4, cacheRead: 0.1, cacheWrite: 0.4, output: 1.6 },
  'openai:gpt-4.1': { input: 2, cacheRead: 0.5, cacheWrite: 2, output: 8 },
  'openai:gpt-4o-mini': { input: 0.15, cacheRead: 0.075, cacheWrite: 0.15, output: 0.6 },
  'openai:gpt-4o': { input: 2.5, cacheRead: 1.25, cacheWrite: 2.5, output: 10 },
};

const ZERO: Price = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 };
const FREE = ['ollama:', 'replay:'];

/** Computes prices of model calls in millionths of a US dollar, rounded up. `overrides` take precedence over the table. */
export class PriceList {
  constructor(private readonly overrides: Record<string, Price> = {}) {}

  /** Returns the price of a call, or null if the price of the model is unknown. */
  priceOf(model: string, usage: TokenUsage): number | null {
    const price = this.find(model);
    if (!price) return null;
    const uncached = usage.input - usage.cacheRead - usage.cacheWrite;
    const micros =
      uncached * price.input +
      usage.cacheRead * price.cacheRead +
      usage.cacheWrite * price.cacheWrite +
      usage.output * price.output;
    // Dollars per million tokens equal millionths of a dollar per token.
    return Math.max(0, Math.ceil(micros - 1e-6));
  }

  /** Returns the maximum price of a request, or null if the price of the model is unknown. A token has at least one byte. */
  maxPriceOf(model: string, request: { bytes: number; maxOutputTokens: number }): number | null {
    const price = this.find(model);
    if (!price) return null;
    return Math.ceil(request.bytes * Math.max(price.input, price.cacheWrite) + request.maxOutputTokens * price.output);
  }

  private find(model: string): Price | null {
    if (FREE.some((prefix) => model.startsWith(prefix))) return ZERO;
    const longest = (prices: Record<string, Price>) =>
      Object.entries(prices)
        .filter(([prefix]) => model.startsWith(prefix))
        .sort(([a], [b]) => b.length - a.length)[0]?.[1];
    return longest(this.overrides) ?? longest(PRICES) ?? null;
  }
}
