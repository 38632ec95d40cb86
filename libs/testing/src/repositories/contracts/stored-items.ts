import { randomUUID } from 'node:crypto';
import { NotFoundError, type StoredItem, type Task } from '@teko/domain';
import { expect, it } from 'vitest';
import { BUILT_AT } from '../builders';
import { describePort, type MakeRepositories } from './fixture';

const at = (minutes: number) => new Date(BUILT_AT.getTime() + minutes * 60_000);

/** The contract of StoredItemRepository. */
export function storedItemContract(name: string, make: MakeRepositories): void {
  describePort('StoredItemRepository', name, make, (get) => {
    const port = () => get().repositories.StoredItemRepository;
    const item = (overrides: Partial<StoredItem> = {}): StoredItem => ({
      taskId: randomUUID(),
      namespace: 'threads',
      key: 'implementation',
      value: { text: 'Grüße 👋', list: [1, null] },
      createdAt: at(0),
      updatedAt: at(0),
      ...overrides,
    });
    const store = async (overrides: Partial<StoredItem> = {}, status: Task['status'] = 'done') => {
      const { id: taskId } = await get().task({ status });
      const kept = item({ taskId, ...overrides });
      await port().put(kept);
      return kept;
    };

    it('stores the newest value per key; keys are case-sensitive', async () => {
      const { taskId, ...first } = await store();
      await port().put(item({ taskId, key: 'Implementation', value: { other: true }, updatedAt: at(1) }));
      await port().put(item({ taskId, value: { text: 'new' }, createdAt: at(2), updatedAt: at(2) }));
      const stored = { ...first, taskId, value: { text: 'new' }, updatedAt: at(2) };
      expect(await port().find(taskId, 'threads', 'implementation')).toEqual(stored);
      expect((await port().findByTask(taskId)).map(({ key }) => key)).toEqual(['implementation', 'Implementation']);
      expect(await port().find(taskId, 'openings', 'implementation')).toBeNull();
    });

    it('accepts the same value again', async () => {
      const kept = await store();
      await port().put(kept);
      expect(await port().findByTask(kept.taskId)).toEqual([kept]);
    });

    it('finds the newest item of any task', async () => {
      const namespace = `canaries.${randomUUID()}`;
      await store({ namespace, updatedAt: at(3) });
      const newest = await store({ namespace, updatedAt: at(5) });
      await store({ namespace, updatedAt: at(4) });
      await store({ namespace, key: 'other', updatedAt: at(6) });
      expect(await port().findNewest(namespace, newest.key)).toEqual(newest);
      expect(await port().findNewest(namespace, 'unknown')).toBeNull();
    });

    it('deletes an item and ignores an unknown one', async () => {
      const { taskId, namespace, key } = await store();
      await port().delete(taskId, namespace, key);
      await port().delete(taskId, namespace, key);
      expect(await port().findByTask(taskId)).toEqual([]);
    });

    it('is deleted with its task, and rejects an unknown task', async () => {
      const { taskId } = await store();
      await get().repositories.TaskRepository.delete(taskId);
      expect(await port().findByTask(taskId)).toEqual([]);
      await expect(port().put(item())).rejects.toThrow(NotFoundError);
    });

    it('deletes idle items of finished tasks', async () => {
      const namespace = `threads.${randomUUID()}`;
      const old = await store({ namespace });
      const kept = [
        await store({ namespace, updatedAt: at(5) }),
        await store({ namespace }, 'in_review'),
        await store({ namespace: `${namespace}.more` }),
      ];
      expect(await port().deleteIdle(namespace, at(3))).toBe(1);
      expect(await port().findByTask(old.taskId)).toEqual([]);
      for (const one of kept) expect(await port().findByTask(one.taskId)).toEqual([one]);
    });
  });
}
