import type { StoredItem } from './stored-item';

/** Stores what agents keep. (taskId, namespace, key) is unique, and everything goes with its task. */
export interface StoredItemRepository {
  /** Stores the item, or replaces the value of the one that is there. Throws NotFoundError where the task does not exist. */
  put(item: StoredItem): Promise<void>;
  find(taskId: string, namespace: string, key: string): Promise<StoredItem | null>;
  /** The newest first. */
  findByTask(taskId: string): Promise<StoredItem[]>;
  /** No error where there is none. */
  delete(taskId: string, namespace: string, key: string): Promise<void>;
  /** Deletes what was last written before then for tasks that are over, done or not; answers how many there were. */
  deleteIdle(namespace: string, before: Date): Promise<number>;
}

export const StoredItemRepository = Symbol('StoredItemRepository');
