import type { StoredItem, StoredItemRepository, Task } from '@teko/domain';
import { compare, childTable, type MemoryTable } from './memory-table';

const FINAL_STATUSES: Task['status'][] = ['done', 'failed', 'cancelled'];

export function storedItemRepository(tasks: MemoryTable<Task>): StoredItemRepository {
  const table = childTable<StoredItem & { id: string }>(tasks, 'taskId', { noun: 'stored item' });
  const find = (id: string) => {
    const row = table.get(id);
    return row && withoutId(row);
  };
  return {
    async put(item) {
      const id = idOf(item.taskId, item.namespace, item.key);
      if (table.has(id)) table.patch(id, { value: item.value, updatedAt: item.updatedAt });
      else table.add({ ...item, id });
    },
    find: async (taskId, namespace, key) => find(idOf(taskId, namespace, key)),
    findNewest: async (namespace, key) => {
      const [newest] = table
        .where((row) => row.namespace === namespace && row.key === key)
        .sort((a, b) => compare(b.updatedAt, a.updatedAt) || compare(a.taskId, b.taskId));
      return newest ? withoutId(newest) : null;
    },
    findByTask: async (taskId) =>
      table
        .where((row) => row.taskId === taskId)
        .sort((a, b) => compare(b.updatedAt, a.updatedAt) || compare(a.namespace, b.namespace) || compare(a.key, b.key))
        .map(withoutId),
    async delete(taskId, namespace, key) {
      const id = idOf(taskId, namespace, key);
      if (table.has(id)) table.delete(id);
    },
    async deleteIdle(namespace, before) {
      const idle = table.where(
        (row) =>
          row.namespace === namespace &&
          row.updatedAt < before &&
          FINAL_STATUSES.includes(tasks.require(row.taskId).status),
      );
      for (const { id } of idle) table.delete(id);
      return idle.length;
    },
  };
}

function idOf(...parts: string[]): string {
  return JSON.stringify(parts);
}

function withoutId({ id: _, ...item }: StoredItem & { id: string }): StoredItem {
  return item;
}
