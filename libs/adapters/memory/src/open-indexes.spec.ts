import { setImmediate } from 'node:timers/promises';
import { copyFileSync, readdirSync, readFileSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UnavailableError } from '@teko/domain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryFixture, REPOSITORY, RULES } from './memory.fixture';
import { InMemoryVectors } from './vectors/in-memory-vectors';
import { IndexFile } from './words/index-file';

const TAX = 'def tax(amount):\n    rate = lookup(amount)\n    return amount * rate\n';
/** More than SQLite keeps in memory. */
const files = (n: number) =>
  Object.fromEntries(
    Array.from({ length: n }, (_, i) => [
      `f${i}.py`,
      `${TAX}# ${Array.from({ length: 200 }, (_, j) => `w${i}x${j}`).join(' ')}\n`,
    ]),
  );

/** A store that can be away. */
class AwayVectors extends InMemoryVectors {
  isAway = false;

  override collections(prefix: string): Promise<string[]> {
    return this.isAway ? Promise.reject(new UnavailableError('chroma', 'away')) : super.collections(prefix);
  }
}

describe('the index file of a repository', () => {
  let fixture: MemoryFixture;
  let commit = '';
  const folder = () => join(fixture.folder, 'memory');
  const file = () => join(folder(), `${REPOSITORY}.db`);
  /** With all that was written in the file itself. */
  const closed = () => {
    const index = new IndexFile(file());
    index.all('PRAGMA wal_checkpoint(TRUNCATE)');
    index.close();
    fixture.memory.close();
  };
  const clean = expect.objectContaining({ notice: null, hits: expect.arrayContaining([expect.anything()]) });

  beforeEach(async () => {
    fixture = new MemoryFixture({ vectors: new AwayVectors() });
    commit = fixture.commit(files(20));
    await fixture.index(commit);
  });
  afterEach(() => fixture.remove());

  it.each([
    ['garbage', () => writeFileSync(file(), 'not a database '.repeat(5_000))],
    ['cut', () => truncateSync(file(), 3 * 4096 + 100)],
    ['a mixture', () => writeFileSync(file(), mixed(readFileSync(file())))],
  ])('that is %s is made anew', async (_, spoil) => {
    closed();
    spoil();
    const { notice } = await fixture.search('tax of an amount');
    expect(notice).toMatch(/could not be read, and is made anew/);
    expect(await fixture.memory.needsRepair(REPOSITORY)).toBe(true);
    await fixture.index(commit);
    expect(await fixture.memory.needsRepair(REPOSITORY)).toBe(false);
    expect(await fixture.search('tax of an amount')).toEqual(clean);
  });

  it('that is broken does not keep others from being searched, nor the next index from being made', async () => {
    await fixture.memory.index('other', commit, {
      rules: RULES,
      signal: new AbortController().signal,
      onProgress: () => Promise.resolve(),
    });
    closed();
    writeFileSync(file(), 'garbage '.repeat(5_000));
    const both = { repositoryIds: [REPOSITORY, 'other'], text: 'tax of an amount', limit: 50 };
    const { hits } = await fixture.memory.search(both);
    expect(new Set(hits.map(({ repositoryId }) => repositoryId))).toEqual(new Set(['other']));
    closed();
    writeFileSync(file(), 'garbage '.repeat(5_000));
    expect(await fixture.index(commit)).toMatchObject({
      coverage: { files: 20, chunks: 40, vectors: 40 },
      notice: null,
    });
  });

  it('that was deleted, or made anew by another process, is not remembered', async () => {
    expect(await fixture.search('tax of an amount')).toEqual(clean);
    for (const name of readdirSync(folder())) rmSync(join(folder(), name));
    expect((await fixture.search('tax of an amount')).hits).toEqual([]);
    expect(await fixture.memory.needsRepair(REPOSITORY)).toBe(true);
    const other = fixture.another();
    await fixture.index(fixture.commit({ 'f0.py': TAX.replaceAll('tax', 'duty') }), {}, other);
    other.close();
    expect((await fixture.search('duty')).hits[0]).toMatchObject({ path: 'f0.py' });
  });

  it('stays open for whoever works with it, though it is forgotten or many others are asked', async () => {
    const next = fixture.commit({ 'more.py': `${TAX}# more\n` });
    const onProgress = async () => {
      const others = Array.from({ length: 40 }, (_, n) => `other-${n}`);
      for (const id of others) await fixture.memory.needsRepair(id);
      await fixture.memory.forget(REPOSITORY);
    };
    expect(await fixture.index(next, { onProgress })).toMatchObject({ coverage: { files: 21 } });
    expect((await fixture.search('tax of an amount')).hits).toEqual([]);
    await fixture.memory.forget(REPOSITORY);
    expect(await fixture.vectors.collections('teko_')).toEqual([]);
  });

  const many = async () => {
    const ids = Array.from({ length: 300 }, (_, n) => `copy-${n}`);
    closed();
    for (const id of ids) copyFileSync(file(), join(folder(), `${id}.db`));
    for (const id of [...ids, ...ids]) {
      await fixture.memory.needsRepair(id);
      await setImmediate();
    }
    const open = readdirSync('/proc/self/fd').map((name) => targetOf(`/proc/self/fd/${name}`));
    expect(open.filter((path) => path.startsWith(folder())).length).toBeLessThan(600);
  };
  it.runIf(process.platform === 'linux')('is let go when many others were asked since', many);

  it('that is forgotten while vectors cannot be reached takes them along later', async () => {
    const vectors = fixture.vectors as AwayVectors;
    vectors.isAway = true;
    await fixture.memory.forget(REPOSITORY);
    expect((await fixture.search('tax')).hits).toEqual([]);
    await fixture.memory.cleanUp();
    vectors.isAway = false;
    expect(await vectors.collections('teko_')).toHaveLength(1);
    const afterwards = fixture.another();
    await afterwards.cleanUp();
    expect(await vectors.collections('teko_')).toEqual([]);
    expect(readdirSync(folder())).toEqual([]);
  });
});

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    // It has just been closed.
    return '';
  }
}

/** The second half of the pages is not what it was. */
function mixed(content: Buffer): Buffer {
  return Buffer.concat([content.subarray(0, 4096), Buffer.alloc(content.length - 4096, 0xa5)]);
}
