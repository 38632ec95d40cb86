import { ConflictError, NotFoundError, type Insight } from '@teko/domain';
import { expect, it } from 'vitest';
import { anInsight, BUILT_AT } from '../builders';
import { describePort, listQuery, type MakeRepositories } from './fixture';

const at = (minutes: number) => new Date(BUILT_AT.getTime() + minutes * 60_000);
const ids = (rows: Insight[]) => rows.map(({ id }) => id);

/** The contract of InsightRepository. */
export function insightContract(name: string, make: MakeRepositories): void {
  describePort('InsightRepository', name, make, (get) => {
    const port = () => get().repositories.InsightRepository;
    const stored = async (overrides: Partial<Insight> = {}) => {
      const insight = anInsight({
        repositoryId: overrides.repositoryId ?? (await get().repository()).id,
        ...overrides,
      });
      await port().insert(insight);
      return insight;
    };

    it('stores an insight once per repository and updates it', async () => {
      const insight = await stored({ path: 'src/a.ts', blob: 'b'.repeat(40), text: 'Größe 🎉' });
      const { repositoryId, fingerprint } = insight;
      expect(await port().findById(insight.id)).toEqual(insight);
      expect(await port().findByFingerprint(repositoryId, fingerprint)).toEqual(insight);
      await expect(port().insert(anInsight({ repositoryId, fingerprint }))).rejects.toThrow(ConflictError);
      const elsewhere = await stored({ fingerprint });
      expect((await port().findByFingerprint(elsewhere.repositoryId, fingerprint))?.id).toBe(elsewhere.id);
      const changed = { pinned: true, staleAt: at(1), updatedAt: at(1) };
      expect(await port().update(insight.id, changed)).toEqual({ ...insight, ...changed });
      const other = await stored({ repositoryId });
      await expect(port().update(other.id, { fingerprint })).rejects.toThrow(ConflictError);
      await port().delete(insight.id);
      await expect(port().delete(insight.id)).rejects.toThrow(NotFoundError);
    });

    it('returns pinned insights first, then the newest', async () => {
      const { id: repositoryId } = await get().repository();
      const [old, fresh, pinned] = [
        await stored({ repositoryId, updatedAt: at(1) }),
        await stored({ repositoryId, updatedAt: at(3) }),
        await stored({ repositoryId, updatedAt: at(2), pinned: true }),
      ];
      expect(ids(await port().findByRepository(repositoryId, 9))).toEqual(ids([pinned, fresh, old]));
      expect(ids(await port().findByRepository(repositoryId, 1))).toEqual([pinned.id]);
    });

    it('deletes the oldest insights above the limit but no pinned ones', async () => {
      const { id: repositoryId } = await get().repository();
      const [pinned, , fresh] = [
        await stored({ repositoryId, updatedAt: at(0), pinned: true }),
        await stored({ repositoryId, updatedAt: at(1) }),
        await stored({ repositoryId, updatedAt: at(2) }),
      ];
      await port().trim(repositoryId, 3);
      expect(await port().findByRepository(repositoryId, 9)).toHaveLength(3);
      await port().trim(repositoryId, 2);
      expect(ids(await port().findByRepository(repositoryId, 9))).toEqual(ids([pinned, fresh]));
      await port().trim(repositoryId, 0);
      expect(ids(await port().findByRepository(repositoryId, 9))).toEqual([pinned.id]);
    });

    it('deletes only the insights of one source', async () => {
      const { id: repositoryId } = await get().repository();
      const bad = await stored({ repositoryId, sourceId: 'run-1' });
      await stored({ repositoryId, sourceId: 'run-1' });
      const kept = [
        await stored({ repositoryId, source: 'user', sourceId: 'run-1' }),
        await stored({ sourceId: 'run-1' }),
      ];
      const other = await stored({ repositoryId, sourceId: 'run-2' });
      expect(await port().deleteBySource(repositoryId, 'agent', 'run-1')).toBe(2);
      expect(await port().findById(bad.id)).toBeNull();
      expect(await port().deleteBySource(repositoryId, 'agent', 'run-1')).toBe(0);
      expect(await port().deleteBySource(repositoryId, 'agent', null)).toBe(1);
      expect(await port().findById(other.id)).toBeNull();
      for (const { id } of kept) expect(await port().findById(id)).not.toBeNull();
    });

    it('filters by kind, source, pinned and stale, and searches text', async () => {
      const { id: repositoryId } = await get().repository();
      const stale = await stored({ repositoryId, staleAt: at(5), text: 'Run make first', kind: 'build' });
      const pinned = await stored({ repositoryId, pinned: true, path: 'docs/Guide.md', kind: 'convention' });
      const found = async (filters: Record<string, string[]>, q?: string) =>
        ids((await port().list(listQuery({ filters: { repositoryId: [repositoryId], ...filters }, q }))).data);
      expect(await found({ stale: ['true'] })).toEqual([stale.id]);
      expect(await found({ stale: ['false'] })).toEqual([pinned.id]);
      expect(await found({ stale: ['true', 'false'] })).toHaveLength(2);
      expect(await found({ pinned: ['true'] })).toEqual([pinned.id]);
      expect(await found({ kind: ['build'], source: ['agent'], sourceId: [stale.sourceId] })).toEqual([stale.id]);
      expect(await found({}, 'MAKE')).toEqual([stale.id]);
      expect(await found({}, 'guide')).toEqual([pinned.id]);
    });

    it('is deleted with its repository, and rejects an unknown repository', async () => {
      const insight = await stored();
      await get().repositories.RepositoryRepository.delete(insight.repositoryId);
      expect(await port().findById(insight.id)).toBeNull();
      await expect(port().insert(anInsight())).rejects.toThrow(NotFoundError);
    });
  });
}
