import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemory } from './create-memory';
import { MemoryFixture } from './memory.fixture';

describe('createMemory', () => {
  let fixture: MemoryFixture;
  beforeEach(() => (fixture = new MemoryFixture()));
  afterEach(() => fixture.remove());
  const make = (embeddings: string) =>
    createMemory({ home: fixture.folder, mirrors: fixture.mirrors, embeddings, chroma: null });
  const code = { 'price.py': 'def round_to_cents(amount):\n    cents = amount * 100\n    return int(cents) / 100\n' };

  it.each(['local', 'openai:text-embedding-3-small'])(
    'names CHROMA_URL if embeddings are %s and there is no Chroma',
    async (embeddings) => {
      const memory = make(embeddings);
      const { notice, coverage } = await fixture.index(fixture.commit(code), {}, memory);
      expect(notice).toMatch(/^Keyword search only: CHROMA_URL is not set\. Set it to/);
      expect(coverage).toMatchObject({ chunks: 1, vectors: 0, embedder: null });
      const result = await fixture.search('round to cents', {}, memory);
      expect([result.hits[0]?.symbol, result.notice]).toEqual(['round_to_cents', notice]);
      await expect(memory.check()).rejects.toThrow(/^CHROMA_URL is not set/);
      memory.close();
    },
  );

  it('does not mention Chroma if embeddings are off', async () => {
    const memory = make('off');
    expect((await fixture.index(fixture.commit(code), {}, memory)).notice).toBeNull();
    expect((await fixture.search('round to cents', {}, memory)).notice).toBeNull();
    expect(await memory.check()).toBe(false);
    memory.close();
  });
});
