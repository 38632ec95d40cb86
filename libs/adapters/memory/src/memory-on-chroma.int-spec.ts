import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startModelServer } from '@teko/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createMemory } from './create-memory';
import { CountingEmbedder, MemoryFixture, REPOSITORY } from './memory.fixture';
import { ChromaFixture, INSTALL_TIMEOUT_MS, SlowProxy } from './vectors/chroma.fixture';
import { ChromaVectors } from './vectors/chroma-vectors';

/** How long ChromaVectors waits for a search, and how long it fails at once after a timeout. */
const [REQUEST_TIMEOUT_MS, RETRY_INTERVAL_MS] = [2_000, 3_000];
const PRICE = `def round_to_cents(amount):
    cents = amount * 100
    return int(cents + 0.5) / 100
`;
const LEDGER = `def book(entries):
    total = sum(entries)
    check(total)
    return total
`;
const HEALTHY = { notice: null, kinds: expect.arrayContaining(['words', 'meaning']) as string[] };

let chroma: ChromaFixture;
beforeAll(async () => void (chroma = await new ChromaFixture().start()), INSTALL_TIMEOUT_MS);
afterAll(() => chroma?.remove());

describe('a memory falls back to keywords in bounded time and recovers if Chroma is', () => {
  let fixture: MemoryFixture;
  let commit: string;
  beforeEach(async () => {
    fixture = new MemoryFixture({ vectors: new ChromaVectors(chroma.server) });
    commit = fixture.commit({ 'price.py': PRICE, 'ledger.py': LEDGER });
    expect((await fixture.index(commit)).notice).toBeNull();
    expect(await search()).toMatchObject(HEALTHY);
  });
  afterEach(async () => {
    vi.useRealTimers();
    await fixture.memory.forget(REPOSITORY);
    fixture.remove();
  });

  /** Searches, and expects the right function first and no timeout of the search itself. */
  async function search(memory = fixture.memory) {
    const { hits, notice } = await fixture.search('round to cents', {}, memory);
    expect(notice ?? '').not.toMatch(/took longer/);
    expect(hits[0]).toMatchObject({ path: 'price.py', symbol: 'round_to_cents' });
    return { notice, kinds: hits[0]!.reasons.map(({ kind }) => kind) };
  }

  /** Does what the worker's job does. */
  async function repair(memory = fixture.memory): Promise<void> {
    if (!(await memory.needsRepair(REPOSITORY))) return;
    expect(await fixture.index(commit, {}, memory)).toMatchObject({ notice: null, coverage: { vectors: 2 } });
  }

  it('killed', async () => {
    const killed = chroma.kill();
    expect(await search()).toEqual({ notice: expect.stringMatching(/^Keyword search only: Chroma/), kinds: ['words'] });
    await killed;
    expect(await fixture.memory.needsRepair(REPOSITORY), 'Chroma is still down').toBe(false);
    await chroma.waitUntilUp();
    expect(await fixture.memory.needsRepair(REPOSITORY), 'the vectors still exist').toBe(false);
    expect(await search()).toMatchObject(HEALTHY);
  });

  it('killed while a commit is indexed', async () => {
    const next = fixture.commit({ 'tax.py': PRICE.replace('round_to_cents', 'tax') });
    await chroma.kill();
    const { notice, coverage } = await fixture.index(next);
    expect([notice, coverage.files]).toEqual([expect.stringMatching(/^Keyword search only: Chroma/), 3]);
    await chroma.waitUntilUp();
    expect(await fixture.memory.needsRepair(REPOSITORY)).toBe(true);
    expect(await fixture.index(next)).toMatchObject({ notice: null, coverage: { vectors: 3 } });
  });

  it('slow', async () => {
    const proxy = new SlowProxy(Number(new URL(chroma.server.url).port));
    const url = await proxy.start();
    onTestFinished(() => proxy.close());
    const memory = fixture.open({ vectors: new ChromaVectors({ url, headers: chroma.server.headers, remedy: '' }) });
    onTestFinished(() => memory.close());
    expect(await search(memory)).toMatchObject(HEALTHY);
    const slow = { notice: expect.stringMatching(/did not respond in time/), kinds: ['words'] };
    proxy.isHolding = true;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const first = search(memory);
    await proxy.firstHeld;
    await vi.advanceTimersByTimeAsync(REQUEST_TIMEOUT_MS);
    expect(await first).toEqual(slow);
    // The clock stands still, so a search that waited again would hang.
    for (let i = 0; i < 20; i++) expect(await search(memory)).toEqual(slow);
    proxy.isHolding = false;
    await vi.advanceTimersByTimeAsync(RETRY_INTERVAL_MS);
    expect(await search(memory)).toMatchObject(HEALTHY);
  });

  it('down and loses its data', async () => {
    await chroma.kill();
    rmSync(join(chroma.home, 'chroma'), { recursive: true });
    await chroma.waitUntilUp();
    expect(await search()).toEqual({ notice: expect.stringMatching(/will be computed again/), kinds: ['words'] });
    await repair();
    expect(await search()).toMatchObject(HEALTHY);
  });

  it('missing the collection', async () => {
    const [name] = await fixture.vectors.collections('teko_');
    await new ChromaVectors(chroma.server).drop(name!);
    expect(await search()).toEqual({ notice: expect.stringMatching(/will be computed again/), kinds: ['words'] });
    await repair();
    expect(await search()).toMatchObject(HEALTHY);
  });

  it('holding vectors of another length', async () => {
    const [name] = await fixture.vectors.collections('teko_');
    const ids = await fixture.vectors.ids(name!);
    await fixture.vectors.drop(name!);
    await fixture.vectors.upsert(
      name!,
      ids.map((id) => ({ id, vector: [1, 0, 0] })),
    );
    expect(await search()).toEqual({ notice: expect.stringMatching(/another length/), kinds: ['words'] });
    await repair();
    expect(await search()).toMatchObject(HEALTHY);
  });

  it('used with a provider that rejects the API key at first', async () => {
    const provider = await startModelServer([]);
    onTestFinished(() => provider.close());
    const options = { home: fixture.folder, mirrors: fixture.mirrors, chroma: chroma.server };
    const local = createMemory({ ...options, embeddings: 'local' });
    onTestFinished(() => local.close());
    await repair(local);
    const openai = {
      embeddings: 'openai:text-small',
      openaiBaseUrl: `${provider.url}/v1`,
      openaiApiKey: 'sk-of-this-test',
    };
    const memory = createMemory({ ...options, ...openai });
    onTestFinished(() => memory.close());
    provider.onEmbeddings = () => ({ status: 401 });
    const { notice } = await fixture.index(commit, {}, memory);
    expect(notice).toMatch(/^Keyword search only: openai rejected the API key\. Set OPENAI_API_KEY/);
    expect(await search(memory), 'the old vectors are searched').toMatchObject(HEALTHY);
    provider.onEmbeddings = () => null;
    await repair(memory);
    expect(await search(memory)).toMatchObject(HEALTHY);
    expect(provider.embeddings.at(-1)).toMatchObject({ model: 'text-small', input: ['round to cents'] });
  });

  it('used with a new embedder, whose vectors are computed while the old ones are in use', async () => {
    const next = new CountingEmbedder('next', 16);
    const memory = fixture.open({ embedder: next, previousEmbedder: () => fixture.embedder });
    onTestFinished(() => memory.close());
    expect(await search(memory), 'the old vectors are searched').toMatchObject(HEALTHY);
    await repair(memory);
    expect(await search(memory)).toMatchObject(HEALTHY);
    expect(await fixture.vectors.collections('teko_')).toHaveLength(1);
  });
});
