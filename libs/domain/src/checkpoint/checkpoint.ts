export interface StoredCheckpoint {
  threadId: string;
  namespace: string;
  checkpointId: string;
  parentId: string | null;
  /** Serialised checkpoint and metadata. Channel values that are lists of messages are stored as lists of blob hashes. */
  checkpoint: string;
  metadata: string;
}

export interface StoredBlob {
  threadId: string;
  hash: string;
  value: string;
}

export interface StoredWrite {
  threadId: string;
  namespace: string;
  checkpointId: string;
  taskId: string;
  idx: number;
  channel: string;
  value: string;
}
