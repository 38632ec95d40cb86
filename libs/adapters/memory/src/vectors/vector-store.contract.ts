import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidCollectionError, type VectorStore } from './vector-store';

const LENGTH = 8;

/** Returns vectors that are more similar the closer their numbers are. */
function vector(n: number, length = LENGTH): number[] {
  return Array.from({ length }, (_, i) => Math.cos(n / 100 + i) + (i === 0 ? 1 : 0));
}
const row = (n: number, length = LENGTH) => ({ id: `blob-${n}:0`, vector: vector(n, length) });
const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => row(from + i));

/** The contract of every VectorStore. */
export function vectorStoreContract(name: string, make: () => Promise<VectorStore>): void {
  describe(`VectorStore: ${name}`, () => {
    let store: VectorStore;
    let number = 0;
    /** Name of an unused collection. */
    const newName = () => `teko_contract_${++number}`;
    beforeAll(async () => void (store = await make()));
    afterAll(() => store.close());

    it('returns the nearest vectors first, by cosine similarity', async () => {
      const name = newName();
      await store.upsert(name, rows(0, 20));
      const found = await store.nearest(
        name,
        vector(7).map((value) => value * 5),
        3,
      );
      expect(found[0]!.id).toBe('blob-7:0');
      expect(found[0]!.similarity).toBeCloseTo(1, 4);
      expect(new Set(found.map(({ id }) => id))).toEqual(new Set(['blob-6:0', 'blob-7:0', 'blob-8:0']));
      const similarities = found.map(({ similarity }) => similarity);
      expect(similarities).toEqual([...similarities].sort((a, b) => b - a));
      expect(await store.nearest(name, vector(7), 50)).toHaveLength(20);
    });

    it('replaces a vector with the same id', async () => {
      const name = newName();
      await store.upsert(name, rows(0, 3));
      await store.upsert(name, [{ id: 'blob-0:0', vector: vector(300) }, row(1)]);
      expect(await store.count(name)).toBe(3);
      const [first] = await store.nearest(name, vector(300), 1);
      expect(first).toMatchObject({ id: 'blob-0:0', similarity: expect.closeTo(1, 4) });
    });

    it('lists all ids of a large collection, and removes the given ones', async () => {
      const name = newName();
      await store.upsert(name, rows(0, 2_500));
      expect((await store.ids(name)).sort()).toEqual(
        rows(0, 2_500)
          .map(({ id }) => id)
          .sort(),
      );
      const half = rows(0, 1_250).map(({ id }) => id);
      await store.remove(name, [...half, 'unknown:0']);
      await store.remove(name, []);
      expect(await store.count(name)).toBe(1_250);
      expect((await store.nearest(name, vector(3), 5)).every(({ id }) => !half.includes(id))).toBe(true);
    });

    it('treats a collection without writes as empty', async () => {
      const name = newName();
      expect([await store.count(name), await store.ids(name)]).toEqual([0, []]);
      await store.remove(name, ['a:0']);
      await store.drop(name);
      await store.upsert(name, []);
      await expect(store.nearest(name, vector(1), 3)).rejects.toThrow(InvalidCollectionError);
    });

    it('lists its collections, and drops one', async () => {
      const [one, other] = [newName(), newName()];
      await store.upsert(one, rows(0, 2));
      await store.upsert(other, rows(0, 2));
      expect(await store.collections('teko_contract_')).toEqual(expect.arrayContaining([one, other]));
      expect(await store.collections(one)).toEqual([one]);
      await store.drop(one);
      expect(await store.collections(one)).toEqual([]);
      await expect(store.nearest(one, vector(1), 3)).rejects.toThrow(InvalidCollectionError);
      await store.upsert(one, [row(1, 3)]);
      expect(await store.count(one)).toBe(1);
    });

    it('rejects vectors of another length', async () => {
      const name = newName();
      await store.upsert(name, rows(0, 2));
      await expect(store.upsert(name, [row(1, 5)])).rejects.toThrow(InvalidCollectionError);
      await expect(store.nearest(name, vector(1, 5), 3)).rejects.toThrow(InvalidCollectionError);
      expect(await store.count(name)).toBe(2);
    });

    it('passes its check', () => expect(store.check()).resolves.toBeUndefined());
  });
}
