import { NotFoundError, type StoredItem, type StoredItemRepository } from '@teko/domain';
import { LessThan } from 'typeorm';
import type { Store } from './store';

export class TypeormStoredItemRepository implements StoredItemRepository {
  constructor(private readonly store: Store) {}

  async put(item: StoredItem): Promise<void> {
    const { taskId, namespace, key, value, updatedAt } = item;
    await this.store.transaction(async (manager) => {
      if (!(await manager.existsBy('tasks', { id: taskId }))) throw new NotFoundError('task', taskId);
      const replaced = await manager.update('stored_items', { taskId, namespace, key }, { value, updatedAt });
      if (!replaced.affected) await manager.upsert('stored_items', { ...item }, ['taskId', 'namespace', 'key']);
    });
  }

  find(taskId: string, namespace: string, key: string): Promise<StoredItem | null> {
    return this.store.query((manager) => manager.findOneBy<StoredItem>('stored_items', { taskId, namespace, key }));
  }

  findNewest(namespace: string, key: string): Promise<StoredItem | null> {
    const order = { updatedAt: 'DESC', taskId: 'ASC' } as const;
    return this.store.query((manager) =>
      manager.findOne<StoredItem>('stored_items', { where: { namespace, key }, order }),
    );
  }

  findByTask(taskId: string): Promise<StoredItem[]> {
    const order = { updatedAt: 'DESC', namespace: 'ASC', key: 'ASC' } as const;
    return this.store.query((manager) => manager.find<StoredItem>('stored_items', { where: { taskId }, order }));
  }

  async delete(taskId: string, namespace: string, key: string): Promise<void> {
    await this.store.query((manager) => manager.delete('stored_items', { taskId, namespace, key }));
  }

  async deleteIdle(namespace: string, before: Date): Promise<number> {
    const taskIsFinal = `taskId IN (SELECT id FROM tasks WHERE status IN ('done', 'failed', 'cancelled'))`;
    const deleted = await this.store.query((manager) =>
      manager
        .createQueryBuilder()
        .delete()
        .from('stored_items')
        .where({ namespace, updatedAt: LessThan(before) })
        .andWhere(taskIsFinal)
        .execute(),
    );
    return deleted.affected ?? 0;
  }
}
