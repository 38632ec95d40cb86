import type { StoredBlob, StoredCheckpoint, StoredWrite } from './checkpoint';

/** Stores the graph's checkpoints: messages once by hash, a checkpoint as references. */
export interface CheckpointRepository {
  put(checkpoint: StoredCheckpoint, blobs: StoredBlob[], keep: number): Promise<void>;
  /** Newest first; one with `checkpointId`, else the latest. */
  get(threadId: string, namespace: string, checkpointId?: string): Promise<StoredCheckpoint | null>;
  list(
    threadId: string | undefined,
    namespace: string | undefined,
    limit?: number,
    before?: string,
  ): Promise<StoredCheckpoint[]>;
  blobs(threadId: string, hashes: string[]): Promise<StoredBlob[]>;
  putWrites(writes: StoredWrite[]): Promise<void>;
  writes(threadId: string, namespace: string, checkpointId: string): Promise<StoredWrite[]>;
  /** Messages that no checkpoint refers to any more. */
  deleteBlobs(threadId: string, hashes: string[]): Promise<void>;
  deleteThread(threadId: string): Promise<void>;
  /** Every thread that has a checkpoint. */
  threadIds(): Promise<string[]>;
}

export const CheckpointRepository = Symbol('CheckpointRepository');
