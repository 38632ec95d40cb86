import { UnavailableError } from '@teko/domain';
import { measureCpuMs } from '@teko/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CountingEmbedder, MemoryFixture, REPOSITORY } from './memory.fixture';

const PRICE = `"""Money."""


class Price:
    def round_to_cents(self, amount):
        """Rounds half up."""
        cents = amount * 100
        return int(cents + 0.5) / 100

    def tax(self, amount):
        rate = self.rate
        return amount * rate
`;
const LEDGER = `def book(entries):
    total = sum(entries)
    check(total)
    return total
`;

describe('HybridMemory', () => {
  let fixture: MemoryFixture;
  beforeEach(() => (fixture = new MemoryFixture()));
  afterEach(() => {
    vi.useRealTimers();
    fixture.remove();
  });

  it('returns path, lines, symbol and reasons of a hit', async () => {
    const commit = fixture.commit({ 'shop/price.py': PRICE, 'shop/ledger.py': LEDGER });
    const { coverage, notice } = await fixture.index(commit);
    expect(coverage).toMatchObject({ files: 2, chunks: 4, vectors: 4, embedder: 'counting' });
    expect(notice).toBeNull();
    const { hits } = await fixture.search('where do we round to cents? see shop/price.py');
    expect(hits[0]).toMatchObject({
      repositoryId: REPOSITORY,
      commit,
      path: 'shop/price.py',
      startLine: 4,
      endLine: 8,
      symbol: 'Price.round_to_cents',
      language: 'Python',
    });
    expect(hits[0]!.snippet).toBe(PRICE.split('\n').slice(3, 8).join('\n'));
    expect(hits[0]!.reasons.map(({ kind }) => kind)).toEqual(['path', 'words', 'meaning']);
  });

  it('ranks a definition first if its name is in the question', async () => {
    await fixture.index(fixture.commit({ 'a.py': PRICE, 'b.py': `# tax tax tax tax\n${LEDGER}` }));
    const { hits } = await fixture.search('`tax` is wrong');
    expect(hits[0]).toMatchObject({
      symbol: 'Price.tax',
      reasons: expect.arrayContaining([{ kind: 'symbol', detail: 'tax' }]),
    });
  });

  it('searches only below the given folder', async () => {
    await fixture.index(fixture.commit({ 'a/price.py': PRICE, 'ab/price.py': PRICE, 'b/price.py': PRICE }));
    const found = async (path: string) =>
      new Set((await fixture.search('round cents', { path })).hits.map((hit) => hit.path));
    expect(await found('a')).toEqual(new Set(['a/price.py']));
    expect(await found('b/price.py')).toEqual(new Set(['b/price.py']));
    expect((await found('')).size).toBe(3);
  });

  it.each(['', '.', './', '/', 'shop', './shop//', 'shop/./price.py'])('accepts "%s" as a folder', async (path) => {
    await fixture.index(fixture.commit({ 'shop/price.py': PRICE }));
    expect((await fixture.search('round cents', { path })).hits).not.toEqual([]);
  });

  it.each(['a', 'a.', '@', '_', '![a](', 'a/', '文'])('stays fast if the question repeats "%s"', async (part) => {
    await fixture.index(fixture.commit({ 'shop/price.py': PRICE }));
    const question = `${part.repeat(20_000 / part.length)} round to cents`;
    expect(await measureCpuMs(() => fixture.search(question))).toBeLessThan(1_000);
  });

  it('reads Latin-1, and cites files with a byte order mark or Windows line ends unchanged', async () => {
    const windows = Buffer.from('\uFEFF' + LEDGER.replaceAll('\n', '\r\n'));
    await fixture.index(
      fixture.commit({ 'latin1.py': Buffer.from('# Größe prüfen\n', 'latin1'), 'windows.py': windows }),
    );
    expect((await fixture.search('Größe')).hits[0]).toMatchObject({ path: 'latin1.py', snippet: '# Größe prüfen' });
    const [hit] = (await fixture.search('book')).hits;
    expect(hit).toMatchObject({ symbol: 'book', startLine: 1, endLine: 4 });
    expect(hit!.snippet).toMatch(/^def book/);
  });

  it('reads and embeds only new contents, and keeps the vectors of a moved file', async () => {
    await fixture.index(fixture.commit({ 'a.py': PRICE, 'b.py': LEDGER }));
    const before = fixture.embedder.passages.length;
    const moved = fixture.commit({ 'a.py': null, 'shop/a.py': PRICE, 'b.py': LEDGER });
    await fixture.index(moved);
    expect(fixture.embedder.passages).toHaveLength(before);
    expect((await fixture.search('round cents')).hits.map(({ path }) => path)).not.toContain('a.py');
    const changed = fixture.commit({ 'b.py': LEDGER.replace('check', 'verify') });
    const { coverage } = await fixture.index(changed);
    expect(fixture.embedder.passages.slice(before)).toEqual([expect.stringContaining('verify(total)')]);
    expect(coverage.vectors).toBe(coverage.chunks);
    expect(await fixture.vectors.count((await fixture.vectors.collections('teko_'))[0]!)).toBe(coverage.vectors);
  });

  it('skips excluded files and reports how many', async () => {
    const { coverage } = await fixture.index(
      fixture.commit({ 'a.py': PRICE, 'vendor/x.py': LEDGER, 'huge.txt': 'word\n'.repeat(200_000) }),
    );
    expect(coverage).toMatchObject({ files: 1, skipped: { vendored: 1, large: 1 } });
    expect((await fixture.search('entries total')).hits.map(({ path }) => path)).not.toContain('vendor/x.py');
  });

  it('searches the previous commit while the next is indexed, and resumes aborted indexing', async () => {
    const first = fixture.commit({ 'a.py': PRICE });
    await fixture.index(first);
    const files = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`more/f${n}.py`, `${LEDGER}# ${n}\n`]));
    const second = fixture.commit({ ...files, 'a.py': PRICE.replace('cents', 'pennies') });
    const stop = new AbortController();
    const onProgress = () => Promise.resolve(stop.abort(new Error('stopped')));
    await expect(fixture.index(second, { signal: stop.signal, onProgress })).rejects.toThrow('stopped');
    const { hits } = await fixture.search('pennies entries round');
    expect(new Set(hits.map((hit) => `${hit.commit} ${hit.path}`))).toEqual(new Set([`${first} a.py`]));

    const seen: number[] = [];
    const memory = fixture.open();
    await fixture.index(
      second,
      { onProgress: async (phase, _, total) => void (phase === 'files' && seen.push(total)) },
      memory,
    );
    expect(seen[0], 'files read before the abort are not read again').toBeLessThan(101);
    expect((await fixture.search('pennies', {}, memory)).hits[0]).toMatchObject({ commit: second, path: 'a.py' });
    memory.close();
  });

  it('forgets a repository and deletes its vectors', async () => {
    await fixture.index(fixture.commit({ 'a.py': PRICE }));
    await fixture.memory.forget(REPOSITORY);
    expect(await fixture.search('round')).toEqual({
      hits: [],
      notice: expect.stringMatching(/^A repository is not indexed yet/),
    });
    expect(await fixture.vectors.collections('teko_')).toEqual([]);
  });

  describe('with vector problems', () => {
    it('falls back to keywords with a notice, and recovers', async () => {
      fixture.embedder.error = new UnavailableError('embeddings', 'the model is not reachable');
      const commit = fixture.commit({ 'a.py': PRICE });
      const { notice, coverage } = await fixture.index(commit);
      expect(notice).toBe('Keyword search only: the model is not reachable.');
      expect(coverage).toMatchObject({ chunks: 3, vectors: 0 });
      const answer = await fixture.search('round to cents');
      expect(answer.hits[0]).toMatchObject({ symbol: 'Price.round_to_cents' });
      expect(answer.notice).toMatch(/^Keyword search only/);
      expect(await fixture.memory.needsRepair(REPOSITORY)).toBe(true);
      fixture.embedder.error = null;
      expect(await fixture.index(commit)).toMatchObject({ notice: null, coverage: { vectors: 3 } });
      expect(await fixture.memory.needsRepair(REPOSITORY)).toBe(false);
      expect((await fixture.search('round to cents')).notice).toBeNull();
    });

    it.each(['deleted', 'incomplete', 'of another length', 'mixed with unknown ids'])(
      'repairs vectors that are %s',
      async (problem) => {
        const commit = fixture.commit({ 'a.py': PRICE, 'b.py': LEDGER });
        await fixture.index(commit);
        const [name = ''] = await fixture.vectors.collections('teko_');
        const ids = (await fixture.vectors.ids(name)).sort();
        const other = (id: string, length: number) => ({ id, vector: new Array<number>(length).fill(1) });
        if (problem === 'incomplete') await fixture.vectors.remove(name, ids.slice(0, 2));
        else if (problem === 'mixed with unknown ids') await fixture.vectors.upsert(name, [other('unknown:0', 32)]);
        else await fixture.vectors.drop(name);
        if (problem === 'of another length')
          await fixture.vectors.upsert(
            name,
            ids.map((id) => other(id, 5)),
          );
        const { hits } = await fixture.search('round to cents');
        expect(hits[0]).toMatchObject({ symbol: 'Price.round_to_cents' });
        if (problem !== 'of another length') expect(await fixture.memory.needsRepair(REPOSITORY)).toBe(true);
        expect((await fixture.index(commit)).notice).toBeNull();
        expect((await fixture.vectors.ids(name)).sort()).toEqual(ids);
        expect((await fixture.search('round to cents')).notice).toBeNull();
        expect(await fixture.memory.needsRepair(REPOSITORY)).toBe(false);
      },
    );

    it('keeps searching the old vectors until a new embedder has computed its own', async () => {
      const commit = fixture.commit({ 'a.py': PRICE });
      await fixture.index(commit);
      const next = new CountingEmbedder('other', 16);
      const previousEmbedder = (id: string) => (id === fixture.embedder.id ? fixture.embedder : null);
      const memory = fixture.open({ embedder: next, previousEmbedder });
      next.error = new UnavailableError('embeddings', 'not yet');
      await fixture.index(commit, {}, memory);
      const during = await fixture.search('round to cents', {}, memory);
      expect(during.notice, 'the old vectors are searched').toBeNull();
      expect(during.hits[0]!.reasons.map(({ kind }) => kind)).toContain('meaning');
      next.error = null;
      await fixture.index(commit, {}, memory);
      expect(await fixture.vectors.collections('teko_')).toHaveLength(1);
      expect((await fixture.search('round to cents', {}, memory)).hits[0]!.reasons.map(({ kind }) => kind)).toContain(
        'meaning',
      );
      memory.close();
    });

    it('falls back to keywords if embedder and vector store are slow, and postpones a deletion', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout'] });
      const never = () => new Promise<never>(() => undefined);
      await fixture.index(fixture.commit({ 'a.py': PRICE }));
      vi.spyOn(fixture.embedder, 'embed').mockImplementation(never);
      const answer = fixture.search('round cents');
      await vi.advanceTimersByTimeAsync(3_000);
      expect(await answer).toMatchObject({
        hits: [{ path: 'a.py' }],
        notice: 'Keyword search only: the embedder and the vector store took longer than 2.7 s.',
      });
      const drop = vi.spyOn(fixture.vectors, 'drop');
      const begun = new Promise<void>((resolve) => drop.mockImplementation(() => (resolve(), never())));
      const forgotten = fixture.memory.forget(REPOSITORY);
      await begun;
      await vi.advanceTimersByTimeAsync(3_000);
      await forgotten;
      drop.mockRestore();
      expect(await fixture.vectors.collections('teko_')).toHaveLength(1);
      await fixture.memory.cleanUp();
      expect(await fixture.vectors.collections('teko_')).toEqual([]);
    });

    it('works without an embedder', async () => {
      const memory = fixture.open({ embedder: null });
      const { coverage, notice } = await fixture.index(fixture.commit({ 'a.py': PRICE }), {}, memory);
      expect([coverage.embedder, coverage.vectors, notice]).toEqual([null, 0, null]);
      expect((await fixture.search('round', {}, memory)).notice).toBeNull();
      expect(await memory.needsRepair(REPOSITORY)).toBe(false);
      memory.close();
    });
  });

  it('counts shared vectors for each file with the same content', async () => {
    const { coverage } = await fixture.index(fixture.commit({ 'a.py': PRICE, 'copy/a.py': PRICE }));
    expect([coverage.chunks, coverage.vectors]).toEqual([6, 6]);
  });

  it('separates repositories, and ranks the most relevant hit of several first', async () => {
    const other = 'repository-2';
    await fixture.index(fixture.commit({ 'price.py': PRICE }));
    const commit = fixture.commit({ 'price.py': null, 'amount.py': LEDGER.replace('entries', 'amounts of cents') });
    await fixture.index(commit, {}, fixture.memory, other);
    const search = (repositoryIds: string[]) =>
      fixture.memory.search({ repositoryIds, text: 'where are cents rounded half up?', limit: 5 });
    const { hits } = await search([other, REPOSITORY]);
    expect(hits[0]).toMatchObject({ repositoryId: REPOSITORY, symbol: 'Price.round_to_cents' });
    expect(hits.map(({ score }) => score)).toEqual(hits.map(({ score }) => score).sort((x, y) => y - x));
    expect(hits.some(({ repositoryId }) => repositoryId === other)).toBe(true);
    for (const { repositoryId } of (await search([other])).hits) expect(repositoryId).toBe(other);
  });

  it('spells the matching words as in the question', async () => {
    await fixture.index(fixture.commit({ 'a.py': PRICE }));
    const { hits } = await fixture.search('where are amounts rounded');
    expect(hits[0]!.reasons).toContainEqual({ kind: 'words', detail: 'amounts, rounded' });
  });
});
