import { describe, expect, it } from 'vitest';
import { PriceList } from './prices';

const usage = { input: 1000, cacheRead: 400, cacheWrite: 100, output: 50 };

describe('PriceList', () => {
  it('uses the longest matching prefix, and prefers overrides to the table', () => {
    expect(new PriceList().priceOf('openai:gpt-5-2026', usage)).toBe(
      Math.ceil(500 * 1.25 + 400 * 0.125 + 100 * 1.25 + 50 * 10),
    );
    expect(new PriceList().priceOf('openai:gpt-5-mini', usage)).toBe(
      Math.ceil(500 * 0.25 + 400 * 0.025 + 100 * 0.25 + 50 * 2),
    );
    const overridden = new PriceList({ 'openai:gpt-5': { input: 1, cacheRead: 1, cacheWrite: 1, output: 1 } });
    expect(overridden.priceOf('openai:gpt-5-mini', usage)).toBe(1050);
  });

  it('returns zero for free models, and null for unknown ones', () => {
    expect(new PriceList().priceOf('ollama:qwen3', usage)).toBe(0);
    expect(new PriceList().maxPriceOf('replay:demo/review', { bytes: 1000, maxOutputTokens: 1000 })).toBe(0);
    expect(new PriceList().priceOf('openai:unheard-of', usage)).toBeNull();
    expect(new PriceList().maxPriceOf('openai:unheard-of', { bytes: 1, maxOutputTokens: 1 })).toBeNull();
  });

  it('returns a maximum price that no actual price exceeds', () => {
    const prices = new PriceList();
    for (const model of ['anthropic:claude-sonnet-4-5', 'openai:gpt-5', 'openai:gpt-4o']) {
      const max = prices.maxPriceOf(model, { bytes: 1000, maxOutputTokens: 50 })!;
      for (const cached of [{}, { cacheRead: 1000 }, { cacheWrite: 1000 }]) {
        const actual = { input: 1000, cacheRead: 0, cacheWrite: 0, output: 50, ...cached };
        expect(prices.priceOf(model, actual)).toBeLessThanOrEqual(max);
      }
    }
  });
});
