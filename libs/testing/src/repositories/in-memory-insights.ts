import type { Insight, InsightRepository, Repository } from '@teko/domain';
import { compare, childTable, type MemoryTable } from './memory-table';

export function insightRepository(repositories: MemoryTable<Repository>): InsightRepository {
  const table = childTable<Insight>(repositories, 'repositoryId', {
    noun: 'insight',
    unique: [['repositoryId', 'fingerprint']],
    sort: ['createdAt', 'updatedAt', 'kind'],
    filters: ['repositoryId', 'kind', 'source', 'sourceId', 'pinned', 'stale'],
    search: ['text', 'path', 'author'],
    isSet: { stale: 'staleAt' },
    repositoryOf: (row) => row.repositoryId,
  });
  const byAge = (a: Insight, b: Insight) => compare(a.updatedAt, b.updatedAt) || compare(a.id, b.id);
  const allOf = (repositoryId: string) => table.where((row) => row.repositoryId === repositoryId).sort(byAge);
  return {
    insert: async (insight) => void table.add(insight),
    findById: async (id) => table.get(id),
    findByFingerprint: async (repositoryId, fingerprint) =>
      table.find((row) => row.repositoryId === repositoryId && row.fingerprint === fingerprint),
    findByRepository: async (repositoryId, limit) => {
      const newest = allOf(repositoryId).reverse();
      return [...newest.filter(({ pinned }) => pinned), ...newest.filter(({ pinned }) => !pinned)].slice(0, limit);
    },
    update: async (id, patch) => table.patch(id, patch),
    delete: async (id) => table.delete(id),
    deleteBySource: async (repositoryId, source, sourceId) => {
      const deleted = allOf(repositoryId).filter(
        (row) => row.source === source && (sourceId === null || row.sourceId === sourceId),
      );
      for (const { id } of deleted) table.delete(id);
      return deleted.length;
    },
    trim: async (repositoryId, keep) => {
      const all = allOf(repositoryId);
      const surplus = Math.max(0, all.length - keep);
      for (const { id } of all.filter(({ pinned }) => !pinned).slice(0, surplus)) table.delete(id);
    },
    list: async (query) => table.list(query),
  };
}
