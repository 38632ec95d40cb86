import type { StoredBlob, StoredCheckpoint, StoredWrite } from './checkpoint';

/** Stores LangGraph checkpoints. Messages are blobs that are stored once per hash; a checkpoint refers to them. */
export interface CheckpointRepository {
  /** Stores the checkpoint and its blobs, and deletes all but the newest `keep` checkpoints of the same thread and namespace. */
  put(checkpoint: StoredCheckpoint, blobs: StoredBlob[], keep: number): Promise<void>;
  /** Returns the checkpoint with this id, or the newest one if no id is given, or null if there is none. */
  get(threadId: string, namespace: string, checkpointId?: string): Promise<StoredCheckpoint | null>;
  /** Returns checkpoints older than `before` (a checkpoint id), newest first. */
  list(
    threadId: string | undefined,
    namespace: string | undefined,
    limit?: number,
    before?: string,
  ): Promise<StoredCheckpoint[]>;
  blobs(threadId: string, hashes: string[]): Promise<StoredBlob[]>;
  putWrites(writes: StoredWrite[]): Promise<void>;
  writes(threadId: string, namespace: string, checkpointId: string): Promise<StoredWrite[]>;
  /** Deletes messages that no checkpoint refers to any more. */
  deleteBlobs(threadId: string, hashes: string[]): Promise<void>;
  deleteThread(threadId: string): Promise<void>;
  /** Returns the ids of all threads that have a checkpoint. */
  threadIds(): Promise<string[]>;
}

export const CheckpointRepository = Symbol('CheckpointRepository');
