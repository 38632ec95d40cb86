import { setImmediate } from 'node:timers/promises';
import { copyFileSync, readdirSync, readFileSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UnavailableError } from '@teko/domain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryFixture, REPOSITORY, RULES } from './memory.fixture';
import { InMemoryVectors } from './vectors/in-memory-vectors';
import { IndexFile } from './keywords/index-file';

const TAX = 'def tax(amount):\n    rate = lookup(amount)\n    return amount * rate\n';
/** Larger than SQLite's page cache. */
const files = (n: number) =>
  Object.fromEntries(
    Array.from({ length: n }, (_, i) => [
      `f${i}.py`,
      `${TAX}# ${Array.from({ length: 200 }, (_, j) => `w${i}x${j}`).join(' ')}\n`,
    ]),
  );

/** A store that can be unreachable. */
class UnreachableVectors extends InMemoryVectors {
  isUnreachable = false;

  override collections(prefix: string): Promise<string[]> {
    return this.isUnreachable
      ? Promise.reject(new UnavailableError('chroma', 'unreachable'))
      : super.collections(prefix);
  }
}

describe('the index file of a repository', () => {
  let fixture: MemoryFixture;
  let commit = '';
  const folder = () => join(fixture.folder, 'memory');
  const file = () => join(folder(), `${REPOSITORY}.db`);
  /** Closes the index with all writes in the main file. */
  const close = () => {
    const index = new IndexFile(file());
    index.all('PRAGMA wal_checkpoint(TRUNCATE)');
    index.close();
    fixture.memory.close();
  };
  const clean = expect.objectContaining({ notice: null, hits: expect.arrayContaining([expect.anything()]) });

  beforeEach(async () => {
    fixture = new MemoryFixture({ vectors: new UnreachableVectors() });
    commit = fixture.commit(files(20));
    await fixture.index(commit);
  });
  afterEach(() => fixture.remove());

  it.each([
    ['overwritten', () => writeFileSync(file(), 'not a database '.repeat(5_000))],
    ['truncated', () => truncateSync(file(), 3 * 4096 + 100)],
    ['partly overwritten', () => writeFileSync(file(), overwritten(readFileSync(file())))],
  ])('is rebuilt if it is %s', async (_, corrupt) => {
    close();
    corrupt();
    const { notice } = await fixture.search('tax of an amount');
    expect(notice).toMatch(/is corrupt and will be rebuilt/);
    expect(await fixture.memory.needsRepair(REPOSITORY)).toBe(true);
    await fixture.index(commit);
    expect(await fixture.memory.needsRepair(REPOSITORY)).toBe(false);
    expect(await fixture.search('tax of an amount')).toEqual(clean);
  });

  it('does not prevent searches of other repositories or a rebuild if it is corrupt', async () => {
    await fixture.memory.index('other', commit, {
      rules: RULES,
      signal: new AbortController().signal,
      onProgress: () => Promise.resolve(),
    });
    close();
    writeFileSync(file(), 'garbage '.repeat(5_000));
    const both = { repositoryIds: [REPOSITORY, 'other'], text: 'tax of an amount', limit: 50 };
    const { hits } = await fixture.memory.search(both);
    expect(new Set(hits.map(({ repositoryId }) => repositoryId))).toEqual(new Set(['other']));
    close();
    writeFileSync(file(), 'garbage '.repeat(5_000));
    expect(await fixture.index(commit)).toMatchObject({
      coverage: { files: 20, chunks: 40, vectors: 40 },
      notice: null,
    });
  });

  it('is reopened if another process deleted or rebuilt it', async () => {
    expect(await fixture.search('tax of an amount')).toEqual(clean);
    for (const name of readdirSync(folder())) rmSync(join(folder(), name));
    expect((await fixture.search('tax of an amount')).hits).toEqual([]);
    expect(await fixture.memory.needsRepair(REPOSITORY)).toBe(true);
    const other = fixture.open();
    await fixture.index(fixture.commit({ 'f0.py': TAX.replaceAll('tax', 'duty') }), {}, other);
    other.close();
    expect((await fixture.search('duty')).hits[0]).toMatchObject({ path: 'f0.py' });
  });

  it('stays open while in use, even if it is forgotten or many others are opened', async () => {
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
    close();
    for (const id of ids) copyFileSync(file(), join(folder(), `${id}.db`));
    for (const id of [...ids, ...ids]) {
      await fixture.memory.needsRepair(id);
      await setImmediate();
    }
    const open = readdirSync('/proc/self/fd').map((name) => targetOf(`/proc/self/fd/${name}`));
    expect(open.filter((path) => path.startsWith(folder())).length).toBeLessThan(600);
  };
  it.runIf(process.platform === 'linux')('is close after many others were opened', many);

  it('is forgotten with its vectors, later if they are unreachable', async () => {
    const vectors = fixture.vectors as UnreachableVectors;
    vectors.isUnreachable = true;
    await fixture.memory.forget(REPOSITORY);
    expect((await fixture.search('tax')).hits).toEqual([]);
    await fixture.memory.cleanUp();
    vectors.isUnreachable = false;
    expect(await vectors.collections('teko_')).toHaveLength(1);
    const reopened = fixture.open();
    await reopened.cleanUp();
    expect(await vectors.collections('teko_')).toEqual([]);
    expect(readdirSync(folder())).toEqual([]);
  });
});

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    // Closed meanwhile.
    return '';
  }
}

/** Overwrites everything after the first page. */
function overwritten(content: Buffer): Buffer {
  return Buffer.concat([content.subarray(0, 4096), Buffer.alloc(content.length - 4096, 0xa5)]);
}
