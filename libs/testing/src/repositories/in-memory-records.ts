import type {
  CheckpointRepository,
  EventRepository,
  NewEvent,
  StoredBlob,
  StoredCheckpoint,
  StoredEvent,
  StoredWrite,
} from '@teko/domain';
import { compare } from './memory-table';

export class InMemoryEventRepository implements EventRepository {
  private events: StoredEvent[] = [];
  private lastId = 0;

  async append(event: NewEvent): Promise<StoredEvent> {
    const stored = { ...event, id: ++this.lastId, createdAt: new Date() };
    this.events.push(stored);
    return { ...stored };
  }

  async findAfter(
    afterId: number,
    filter: { runId?: string; within?: string[] },
    limit: number,
  ): Promise<StoredEvent[]> {
    return this.events
      .filter(({ id, runId }) => id > afterId && (filter.runId === undefined || runId === filter.runId))
      .filter(({ repositoryId }) => !filter.within || filter.within.includes(repositoryId ?? ''))
      .slice(0, limit)
      .map((event) => ({ ...event }));
  }

  async latestId(): Promise<number> {
    return this.events.at(-1)?.id ?? 0;
  }

  async prune(before: Date): Promise<void> {
    this.events = this.events.filter(({ createdAt }) => createdAt >= before);
  }
}

export class InMemoryCheckpointRepository implements CheckpointRepository {
  private checkpoints = new Map<string, StoredCheckpoint>();
  private stored = new Map<string, StoredBlob>();
  private pending = new Map<string, StoredWrite>();

  async put(checkpoint: StoredCheckpoint, blobs: StoredBlob[], keep: number): Promise<void> {
    const { threadId, namespace, checkpointId } = checkpoint;
    for (const blob of blobs) this.stored.set(keyOf(blob.threadId, blob.hash), { ...blob });
    this.checkpoints.set(keyOf(threadId, namespace, checkpointId), { ...checkpoint });
    const old = new Set(this.select(threadId, namespace).slice(keep));
    drop(this.checkpoints, (row) => old.has(row));
    const deleted = new Set([...old].map((row) => row.checkpointId));
    drop(
      this.pending,
      (row) => row.threadId === threadId && row.namespace === namespace && deleted.has(row.checkpointId),
    );
  }

  async get(threadId: string, namespace: string, checkpointId?: string): Promise<StoredCheckpoint | null> {
    const rows = this.select(threadId, namespace);
    return structuredClone((checkpointId ? rows.find((row) => row.checkpointId === checkpointId) : rows[0]) ?? null);
  }

  async list(
    threadId: string | undefined,
    namespace: string | undefined,
    limit?: number,
    before?: string,
  ): Promise<StoredCheckpoint[]> {
    const rows = this.select(threadId, namespace).filter((row) => before === undefined || row.checkpointId < before);
    return structuredClone(rows.slice(0, limit));
  }

  async blobs(threadId: string, hashes: string[]): Promise<StoredBlob[]> {
    return structuredClone(hashes.flatMap((hash) => this.stored.get(keyOf(threadId, hash)) ?? []));
  }

  async putWrites(writes: StoredWrite[]): Promise<void> {
    for (const row of writes)
      this.pending.set(keyOf(row.threadId, row.namespace, row.checkpointId, row.taskId, row.idx), { ...row });
  }

  async writes(threadId: string, namespace: string, checkpointId: string): Promise<StoredWrite[]> {
    const rows = [...this.pending.values()].filter(
      (row) => row.threadId === threadId && row.namespace === namespace && row.checkpointId === checkpointId,
    );
    return structuredClone(rows.sort((a, b) => compare(a.taskId, b.taskId) || a.idx - b.idx));
  }

  async deleteBlobs(threadId: string, hashes: string[]): Promise<void> {
    for (const hash of hashes) this.stored.delete(keyOf(threadId, hash));
  }

  async threadIds(): Promise<string[]> {
    return [...new Set([...this.checkpoints.values()].map(({ threadId }) => threadId))];
  }

  async deleteThread(threadId: string): Promise<void> {
    for (const map of [this.checkpoints, this.stored, this.pending])
      drop(map as Map<string, { threadId: string }>, (row) => row.threadId === threadId);
  }

  /** Newest first. */
  private select(threadId: string | undefined, namespace: string | undefined): StoredCheckpoint[] {
    return [...this.checkpoints.values()]
      .filter((row) => threadId === undefined || row.threadId === threadId)
      .filter((row) => namespace === undefined || row.namespace === namespace)
      .sort((a, b) => compare(b.checkpointId, a.checkpointId));
  }
}

function keyOf(...parts: (string | number)[]): string {
  return JSON.stringify(parts);
}

function drop<T>(map: Map<string, T>, test: (row: T) => boolean): void {
  for (const [key, row] of map) if (test(row)) map.delete(key);
}
