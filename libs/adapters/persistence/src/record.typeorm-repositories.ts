import type {
  CheckpointRepository,
  Effect,
  EffectRepository,
  EventRepository,
  Lease,
  ModelCall,
  ModelCallRepository,
  NewEvent,
  StoredBlob,
  StoredCheckpoint,
  StoredEvent,
  StoredWrite,
} from '@teko/domain';
import { In, LessThan, MoreThan } from 'typeorm';
import type { Store } from './store';
import { requireLease, TableRepository } from './table-repository';

export class TypeormModelCallRepository extends TableRepository<ModelCall> implements ModelCallRepository {
  constructor(store: Store) {
    super(store, 'model_calls', 'model call', { parent: ['runId', 'run'] });
  }

  begin(call: ModelCall) {
    return this.addOnce(call, { runId: call.runId, key: call.key });
  }

  async finish(id: string, patch: Partial<ModelCall>, lease: Lease | null): Promise<void> {
    await this.store.transaction(async (manager) => {
      const { status } = await this.requireRow(manager, id);
      if (lease) await requireLease(manager, lease);
      if (status !== 'done') await this.patch(manager, id, patch);
    });
  }

  findByKey(runId: string, key: string) {
    return this.one({ runId, key });
  }

  findByRun(runId: string) {
    return this.many({ runId }, { createdAt: 'ASC' });
  }
}

export class TypeormEffectRepository extends TableRepository<Effect> implements EffectRepository {
  constructor(store: Store) {
    super(store, 'effects', 'effect', { parent: ['runId', 'run'] });
  }

  begin(effect: Effect) {
    return this.addOnce(effect, { key: effect.key });
  }

  async finish(id: string, patch: Pick<Effect, 'status' | 'result' | 'error' | 'updatedAt'>): Promise<void> {
    await this.update(id, patch);
  }

  findByRun(runId: string) {
    return this.many({ runId }, { createdAt: 'ASC' });
  }
}

export class TypeormEventRepository implements EventRepository {
  constructor(private readonly store: Store) {}

  async append(event: NewEvent): Promise<StoredEvent> {
    const createdAt = new Date();
    const result = await this.store.query((manager) => manager.insert('events', { ...event, createdAt }));
    return { ...event, createdAt, id: Number((result.identifiers[0] as { id: number }).id) };
  }

  findAfter(afterId: number, { runId, within }: { runId?: string; within?: string[] }, limit: number) {
    const where = {
      id: MoreThan(afterId),
      ...(runId === undefined ? {} : { runId }),
      ...(within === undefined ? {} : { repositoryId: In(within) }),
    };
    return this.store.query((manager) =>
      manager.find<StoredEvent>('events', { where, order: { id: 'ASC' }, take: limit }),
    );
  }

  async latestId(): Promise<number> {
    return (await this.store.query((manager) => manager.maximum('events', 'id' as never))) ?? 0;
  }

  async prune(before: Date): Promise<void> {
    await this.store.query((manager) => manager.delete('events', { createdAt: LessThan(before) }));
  }
}

export class TypeormCheckpointRepository implements CheckpointRepository {
  constructor(private readonly store: Store) {}

  async put(checkpoint: StoredCheckpoint, blobs: StoredBlob[], keep: number): Promise<void> {
    const { threadId, namespace } = checkpoint;
    await this.store.transaction(async (manager) => {
      const unique = [...new Map(blobs.map((blob) => [blob.hash, blob])).values()];
      if (unique.length > 0) await manager.upsert('checkpoint_blobs', unique, ['threadId', 'hash']);
      await manager.upsert('checkpoints', checkpoint, ['threadId', 'namespace', 'checkpointId']);
      const surplus = await manager.find<StoredCheckpoint>('checkpoints', {
        where: { threadId, namespace },
        order: { checkpointId: 'DESC' },
        select: { threadId: true, namespace: true, checkpointId: true },
        skip: keep,
        take: 100,
      });
      const ids = In(surplus.map(({ checkpointId }) => checkpointId));
      if (surplus.length === 0) return;
      await manager.delete('checkpoints', { threadId, namespace, checkpointId: ids });
      await manager.delete('checkpoint_writes', { threadId, namespace, checkpointId: ids });
    });
  }

  async get(threadId: string, namespace: string, checkpointId?: string): Promise<StoredCheckpoint | null> {
    const where = { threadId, namespace, ...(checkpointId ? { checkpointId } : {}) };
    return this.store.query((manager) =>
      manager.findOne<StoredCheckpoint>('checkpoints', { where, order: { checkpointId: 'DESC' } }),
    );
  }

  list(
    threadId: string | undefined,
    namespace: string | undefined,
    limit?: number,
    before?: string,
  ): Promise<StoredCheckpoint[]> {
    const where = {
      ...(threadId === undefined ? {} : { threadId }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(before === undefined ? {} : { checkpointId: LessThan(before) }),
    };
    return this.store.query((manager) =>
      manager.find<StoredCheckpoint>('checkpoints', { where, order: { checkpointId: 'DESC' }, take: limit }),
    );
  }

  async blobs(threadId: string, hashes: string[]): Promise<StoredBlob[]> {
    if (hashes.length === 0) return [];
    return this.store.query((manager) =>
      manager.find<StoredBlob>('checkpoint_blobs', { where: { threadId, hash: In(hashes) } }),
    );
  }

  async putWrites(writes: StoredWrite[]): Promise<void> {
    if (writes.length === 0) return;
    await this.store.query((manager) =>
      manager.upsert('checkpoint_writes', writes, ['threadId', 'namespace', 'checkpointId', 'taskId', 'idx']),
    );
  }

  writes(threadId: string, namespace: string, checkpointId: string): Promise<StoredWrite[]> {
    return this.store.query((manager) =>
      manager.find<StoredWrite>('checkpoint_writes', {
        where: { threadId, namespace, checkpointId },
        order: { taskId: 'ASC', idx: 'ASC' },
      }),
    );
  }

  async deleteBlobs(threadId: string, hashes: string[]): Promise<void> {
    if (hashes.length === 0) return;
    await this.store.query((manager) => manager.delete('checkpoint_blobs', { threadId, hash: In(hashes) }));
  }

  async threadIds(): Promise<string[]> {
    const rows = await this.store.query((manager) =>
      manager
        .createQueryBuilder('checkpoints', 'row')
        .select('DISTINCT row.threadId', 'threadId')
        .getRawMany<{ threadId: string }>(),
    );
    return rows.map(({ threadId }) => threadId);
  }

  async deleteThread(threadId: string): Promise<void> {
    await this.store.transaction(async (manager) => {
      for (const table of ['checkpoints', 'checkpoint_blobs', 'checkpoint_writes'])
        await manager.delete(table, { threadId });
    });
  }
}
