import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startModelServer } from '@teko/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createMemory } from './create-memory';
import { CountingEmbedder, MemoryFixture, REPOSITORY } from './memory.fixture';
import { ChromaFixture, INSTALL_TIMEOUT_MS, SlowProxy } from './vectors/chroma.fixture';
import { ChromaVectors } from './vectors/chroma-vectors';

/** What ChromaVectors waits for an answer to a search, and for how long it does not ask again after that. */
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

describe('a memory whose Chroma is in trouble answers by words in bounded time, and heals', () => {
  let fixture: MemoryFixture;
  let commit: string;
  beforeEach(async () => {
    fixture = new MemoryFixture({ vectors: new ChromaVectors(chroma.server) });
    commit = fixture.commit({ 'price.py': PRICE, 'ledger.py': LEDGER });
    expect((await fixture.index(commit)).notice).toBeNull();
    expect(await ask()).toMatchObject(HEALTHY);
  });
  afterEach(async () => {
    vi.useRealTimers();
    await fixture.memory.forget(REPOSITORY);
    fixture.remove();
  });

  /** What a search answers; always with the right function first, and before the search's own limit, which would say so. */
  async function ask(memory = fixture.memory) {
    const { hits, notice } = await fixture.search('round to cents', {}, memory);
    expect(notice ?? '').not.toMatch(/took longer/);
    expect(hits[0]).toMatchObject({ path: 'price.py', symbol: 'round_to_cents' });
    return { notice, kinds: hits[0]!.why.map(({ kind }) => kind) };
  }

  /** What the worker's ticks do. */
  async function heal(memory = fixture.memory): Promise<void> {
    if (!(await memory.needsRepair(REPOSITORY))) return;
    expect(await fixture.index(commit, {}, memory)).toMatchObject({ notice: null, coverage: { vectors: 2 } });
  }

  it('killed', async () => {
    const killed = chroma.kill();
    expect(await ask()).toEqual({ notice: expect.stringMatching(/^Found by words alone: Chroma/), kinds: ['words'] });
    await killed;
    expect(await fixture.memory.needsRepair(REPOSITORY), 'nothing can be done yet').toBe(false);
    await chroma.isUp();
    expect(await fixture.memory.needsRepair(REPOSITORY), 'its vectors were kept').toBe(false);
    expect(await ask()).toMatchObject(HEALTHY);
  });

  it('killed while a commit is indexed', async () => {
    const next = fixture.commit({ 'tax.py': PRICE.replace('round_to_cents', 'tax') });
    await chroma.kill();
    const { notice, coverage } = await fixture.index(next);
    expect([notice, coverage.files]).toEqual([expect.stringMatching(/^Found by words alone: Chroma/), 3]);
    await chroma.isUp();
    expect(await fixture.memory.needsRepair(REPOSITORY)).toBe(true);
    expect(await fixture.index(next)).toMatchObject({ notice: null, coverage: { vectors: 3 } });
  });

  it('slow', async () => {
    const proxy = new SlowProxy(Number(new URL(chroma.server.url).port));
    const url = await proxy.start();
    onTestFinished(() => proxy.close());
    const memory = fixture.another({ vectors: new ChromaVectors({ url, remedy: '' }) });
    onTestFinished(() => memory.close());
    expect(await ask(memory)).toMatchObject(HEALTHY);
    const slow = { notice: expect.stringMatching(/does not answer in time/), kinds: ['words'] };
    proxy.holds = true;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const first = ask(memory);
    await proxy.held;
    await vi.advanceTimersByTimeAsync(REQUEST_TIMEOUT_MS);
    expect(await first).toEqual(slow);
    // The clock stands still: a search that waited again would hang.
    for (let i = 0; i < 20; i++) expect(await ask(memory)).toEqual(slow);
    proxy.holds = false;
    await vi.advanceTimersByTimeAsync(RETRY_INTERVAL_MS);
    expect(await ask(memory)).toMatchObject(HEALTHY);
  });

  it('wiped while it is away', async () => {
    await chroma.kill();
    rmSync(join(chroma.home, 'chroma'), { recursive: true });
    await chroma.isUp();
    expect(await ask()).toEqual({ notice: expect.stringMatching(/are made again/), kinds: ['words'] });
    await heal();
    expect(await ask()).toMatchObject(HEALTHY);
  });

  it('without its collection', async () => {
    const [name] = await fixture.vectors.collections('teko_');
    await new ChromaVectors(chroma.server).drop(name!);
    expect(await ask()).toEqual({ notice: expect.stringMatching(/are made again/), kinds: ['words'] });
    await heal();
    expect(await ask()).toMatchObject(HEALTHY);
  });

  it('of another size', async () => {
    const [name] = await fixture.vectors.collections('teko_');
    const ids = await fixture.vectors.ids(name!);
    await fixture.vectors.drop(name!);
    await fixture.vectors.upsert(
      name!,
      ids.map((id) => ({ id, vector: [1, 0, 0] })),
    );
    expect(await ask()).toEqual({ notice: expect.stringMatching(/another length/), kinds: ['words'] });
    await heal();
    expect(await ask()).toMatchObject(HEALTHY);
  });

  it('whose provider of vectors does not know the key, until it does', async () => {
    const provider = await startModelServer([]);
    onTestFinished(() => provider.close());
    const options = { home: fixture.folder, mirrors: fixture.mirrors, chroma: chroma.server };
    const local = createMemory({ ...options, embeddings: 'local' });
    onTestFinished(() => local.close());
    await heal(local);
    const openai = {
      embeddings: 'openai:text-small',
      openaiBaseUrl: `${provider.url}/v1`,
      openaiApiKey: 'sk-of-this-test',
    };
    const memory = createMemory({ ...options, ...openai });
    onTestFinished(() => memory.close());
    provider.onEmbeddings = () => ({ status: 401 });
    const { notice } = await fixture.index(commit, {}, memory);
    expect(notice).toMatch(/^Found by words alone: openai does not accept the key\. Set OPENAI_API_KEY/);
    expect(await ask(memory), 'the vectors before are asked').toMatchObject(HEALTHY);
    provider.onEmbeddings = () => null;
    await heal(memory);
    expect(await ask(memory)).toMatchObject(HEALTHY);
    expect(provider.embeddings.at(-1)).toMatchObject({ model: 'text-small', input: ['round to cents'] });
  });

  it('under another embedder, whose vectors are made beside those in use', async () => {
    const next = new CountingEmbedder('next', 16);
    const memory = fixture.another({ embedder: next, earlier: () => fixture.embedder });
    onTestFinished(() => memory.close());
    expect(await ask(memory), 'the earlier vectors are asked').toMatchObject(HEALTHY);
    await heal(memory);
    expect(await ask(memory)).toMatchObject(HEALTHY);
    expect(await fixture.vectors.collections('teko_')).toHaveLength(1);
  });
});
