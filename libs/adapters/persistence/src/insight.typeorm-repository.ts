import type { Insight, InsightRepository } from '@teko/domain';
import { In } from 'typeorm';
import type { Store } from './store';
import { TableRepository } from './table-repository';

export class TypeormInsightRepository extends TableRepository<Insight> implements InsightRepository {
  constructor(store: Store) {
    super(store, 'insights', 'insight', {
      sort: ['createdAt', 'updatedAt', 'kind'],
      filters: ['repositoryId', 'kind', 'source', 'sourceId', 'pinned', 'stale'],
      search: ['text', 'path', 'author'],
      isSet: { stale: 'staleAt' },
      repository: 'row.repositoryId',
      parent: ['repositoryId', 'repository'],
    });
  }

  override async insert(insight: Insight): Promise<void> {
    await this.add(insight);
  }

  findByFingerprint(repositoryId: string, fingerprint: string): Promise<Insight | null> {
    return this.one({ repositoryId, fingerprint });
  }

  findByRepository(repositoryId: string, limit: number): Promise<Insight[]> {
    return this.many({ repositoryId }, { pinned: 'DESC', updatedAt: 'DESC', id: 'DESC' }, limit);
  }

  async deleteBySource(repositoryId: string, source: Insight['source'], sourceId: string | null): Promise<number> {
    const where = { repositoryId, source, ...(sourceId !== null && { sourceId }) };
    return (await this.store.query((manager) => manager.delete(this.table, where))).affected ?? 0;
  }

  async trim(repositoryId: string, keep: number): Promise<void> {
    await this.store.transaction(async (manager) => {
      const surplus = (await manager.countBy(this.table, { repositoryId })) - keep;
      if (surplus <= 0) return;
      const oldest = await manager.find<Insight>(this.table, {
        where: { repositoryId, pinned: false },
        order: { updatedAt: 'ASC', id: 'ASC' },
        select: { id: true },
        take: surplus,
      });
      if (oldest.length > 0) await manager.delete(this.table, { id: In(oldest.map(({ id }) => id)) });
    });
  }
}
