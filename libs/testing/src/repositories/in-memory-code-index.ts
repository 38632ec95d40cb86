import type { CodeIndex, CodeIndexRepository, Repository } from '@teko/domain';
import { childTable, type MemoryTable } from './memory-table';

export function codeIndexRepository(repositories: MemoryTable<Repository>): CodeIndexRepository {
  const table = childTable<CodeIndex>(repositories, 'repositoryId', { noun: 'code index', unique: [['repositoryId']] });
  const findByRepository = (repositoryId: string) => table.where((row) => row.repositoryId === repositoryId)[0] ?? null;
  return {
    findByRepository: async (repositoryId) => findByRepository(repositoryId),
    async request(index) {
      const existing = findByRepository(index.repositoryId);
      if (!existing) {
        table.add(index);
        return index;
      }
      if (existing.status === 'indexing') return table.patch(existing.id, { cancelRequestedAt: null });
      const { dueAt, updatedAt } = index;
      return table.patch(existing.id, { status: 'pending', dueAt, attempts: 0, cancelRequestedAt: null, updatedAt });
    },
    async claim(now, owner, ttlMs) {
      const isFree = ({ status, dueAt, leaseExpiresAt }: CodeIndex) =>
        status === 'pending' ? dueAt <= now : status === 'indexing' && leaseExpiresAt !== null && leaseExpiresAt < now;
      const [next] = table.where(isFree).sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime());
      const leaseExpiresAt = new Date(now.getTime() + ttlMs);
      if (!next) return null;
      const attempts = next.status === 'indexing' ? next.attempts + 1 : next.attempts;
      return table.patch(next.id, { status: 'indexing', leaseOwner: owner, leaseExpiresAt, attempts });
    },
    async updateClaimed(id, owner, patch) {
      const row = table.get(id);
      return row?.status === 'indexing' && row.leaseOwner === owner ? table.patch(id, patch) : null;
    },
    leaseOwners: async () => {
      const leased = table.where(({ status }) => status === 'indexing');
      return [...new Set(leased.flatMap(({ leaseOwner }) => leaseOwner ?? []))];
    },
    async expireLeases(owners, now) {
      const isOwned = ({ status, leaseOwner }: CodeIndex) =>
        status === 'indexing' && leaseOwner !== null && owners.includes(leaseOwner);
      const leaseExpiresAt = new Date(now.getTime() - 1);
      for (const { id } of table.where(isOwned)) table.patch(id, { leaseExpiresAt });
    },
    update: async (id, patch) => table.patch(id, patch),
    findReady: async () =>
      table.where(({ status }) => status === 'ready').sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime()),
  };
}
