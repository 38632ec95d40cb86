import type { StoredItem } from './stored-item';

/** Stores items of agents. (taskId, namespace, key) is unique. Items are deleted with their task. */
export interface StoredItemRepository {
  /** Stores the item, or replaces the value of the stored one. Throws NotFoundError if the task does not exist. */
  put(item: StoredItem): Promise<void>;
  find(taskId: string, namespace: string, key: string): Promise<StoredItem | null>;
  /** Returns the newest item with this namespace and key of any task, or null. */
  findNewest(namespace: string, key: string): Promise<StoredItem | null>;
  /** Returns the items of a task, newest first. */
  findByTask(taskId: string): Promise<StoredItem[]>;
  /** Deletes an item. Does nothing if it does not exist. */
  delete(taskId: string, namespace: string, key: string): Promise<void>;
  /** Deletes items of finished tasks that were last written before `before`. Returns the number of deleted items. */
  deleteIdle(namespace: string, before: Date): Promise<number>;
}

export const StoredItemRepository = Symbol('StoredItemRepository');
