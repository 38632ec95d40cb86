import { ConflictError, type CodeIndex, type CodeIndexRepository } from '@teko/domain';
import { In, IsNull, LessThan, LessThanOrEqual } from 'typeorm';
import type { Store } from './store';
import { TableRepository } from './table-repository';

export class TypeormCodeIndexRepository extends TableRepository<CodeIndex> implements CodeIndexRepository {
  constructor(store: Store) {
    super(store, 'code_indexes', 'code index', { parent: ['repositoryId', 'repository'] });
  }

  findByRepository(repositoryId: string): Promise<CodeIndex | null> {
    return this.one({ repositoryId });
  }

  async request(index: CodeIndex): Promise<CodeIndex> {
    try {
      await this.add(index);
      return index;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
    const { repositoryId, dueAt, updatedAt } = index;
    return this.store.transaction(async (manager) => {
      const idle = { repositoryId, status: In(['pending', 'ready', 'failed', 'cancelled']) };
      const request = { status: 'pending', dueAt, attempts: 0, cancelRequestedAt: null, updatedAt };
      await manager.update(this.table, idle, request);
      await manager.update(this.table, { repositoryId, status: 'indexing' }, { cancelRequestedAt: null });
      return (await manager.findOneBy(this.table, { repositoryId })) as CodeIndex;
    });
  }

  /** Tries the next index if another process claims this one first. */
  claim(now: Date, owner: string, ttlMs: number): Promise<CodeIndex | null> {
    const leaseExpiresAt = new Date(now.getTime() + ttlMs);
    return this.store.query(async (manager) => {
      for (;;) {
        const next = await manager.findOne<CodeIndex>(this.table, {
          where: [
            { status: 'pending', dueAt: LessThanOrEqual(now) },
            { status: 'indexing', leaseExpiresAt: LessThan(now) },
          ],
          order: { dueAt: 'ASC', id: 'ASC' },
        });
        if (!next) return null;
        const unchanged = { id: next.id, status: next.status, leaseExpiresAt: next.leaseExpiresAt ?? IsNull() };
        const attempts = next.status === 'indexing' ? next.attempts + 1 : next.attempts;
        const lease = { status: 'indexing', leaseOwner: owner, leaseExpiresAt, attempts };
        const claimed = await manager.update(this.table, unchanged, lease);
        if (claimed.affected) return this.requireRow(manager, next.id);
      }
    });
  }

  updateClaimed(id: string, owner: string, patch: Partial<CodeIndex>): Promise<CodeIndex | null> {
    return this.store.transaction(async (manager) => {
      const leased = await manager.existsBy(this.table, { id, leaseOwner: owner, status: 'indexing' });
      if (!leased) return null;
      await this.patch(manager, id, patch);
      return this.requireRow(manager, id);
    });
  }

  async leaseOwners(): Promise<string[]> {
    const rows = await this.many({ status: 'indexing' }, { dueAt: 'ASC' });
    return [...new Set(rows.flatMap(({ leaseOwner }) => leaseOwner ?? []))];
  }

  expireLeases(owners: string[], now: Date): Promise<void> {
    const leaseExpiresAt = new Date(now.getTime() - 1);
    const leased = { status: 'indexing', leaseOwner: In(owners) };
    return this.store.query(async (manager) => void (await manager.update(this.table, leased, { leaseExpiresAt })));
  }

  findReady(): Promise<CodeIndex[]> {
    return this.many({ status: 'ready' }, { dueAt: 'ASC' });
  }
}
