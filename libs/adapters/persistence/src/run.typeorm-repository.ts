import type { AgentType } from '@teko/contracts';
import {
  isFinal,
  LeaseLostError,
  moveRun,
  queuedHead,
  type ActiveRuns,
  type Lease,
  type QueuedHead,
  type Run,
  type RunRepository,
  type Task,
  waitedMsAtClaim,
} from '@teko/domain';
import { In, LessThan, MoreThan, MoreThanOrEqual, type EntityManager } from 'typeorm';
import type { Store } from './store';
import { TableRepository } from './table-repository';

const NO_LEASE = { leaseOwner: null, leaseExpiresAt: null };

export class TypeormRunRepository extends TableRepository<Run> implements RunRepository {
  constructor(store: Store) {
    super(store, 'runs', 'run', {
      sort: ['number', 'status', 'priority', 'createdAt', 'finishedAt'],
      filters: ['status', 'taskId', 'repositoryId', 'agentType', 'outcome', 'demo'],
      repository: 'row.repositoryId',
      parent: ['taskId', 'task'],
    });
  }

  override insert(run: Omit<Run, 'number'>): Promise<Run> {
    return this.withNext('number', {}, (manager, number) => this.insertAndReturn(manager, { ...run, number }));
  }

  insertForTask(run: Omit<Run, 'number'>, from: Task['status']): Promise<Run | null> {
    return this.withNext('number', {}, async (manager, number) => {
      const { triggerKey } = run;
      if (triggerKey !== null && (await manager.existsBy('runs', { triggerKey }))) return null;
      const moved = await manager.update(
        'tasks',
        { id: run.taskId, status: from },
        { status: 'queued', statusReason: null, updatedAt: run.createdAt },
      );
      return moved.affected ? this.insertAndReturn(manager, { ...run, number }) : null;
    });
  }

  findByTask(taskId: string): Promise<Run[]> {
    return this.many({ taskId }, { number: 'ASC' });
  }

  findQueued(limit: number): Promise<Run[]> {
    return this.many({ status: 'queued' }, { priority: 'DESC', number: 'ASC' }, limit);
  }

  async claim(runId: string, owner: string, now: Date, ttlMs: number): Promise<{ run: Run; lease: Lease } | null> {
    return this.store.transaction(async (manager) => {
      const before = await manager.findOne<Run>('runs', { where: { id: runId } });
      if (!before) return null;
      const token = before.leaseToken + 1;
      const leased = {
        status: 'running',
        leaseOwner: owner,
        leaseToken: token,
        leaseExpiresAt: new Date(now.getTime() + ttlMs),
        startedAt: before.startedAt ?? now,
        waitedMs: waitedMsAtClaim(before, now),
        updatedAt: now,
      };
      const expired = { ...leased, workerDeaths: before.workerDeaths + 1 };
      const same = { id: runId, leaseToken: before.leaseToken };
      const queued = await manager.update('runs', { ...same, status: 'queued' }, leased);
      const claimed = queued.affected
        ? queued
        : await manager.update('runs', { ...same, status: 'running', leaseExpiresAt: LessThan(now) }, expired);
      if (!claimed.affected) return null;
      return { run: await this.requireRow(manager, runId), lease: { runId, owner, token } };
    });
  }

  async renew(lease: Lease, now: Date, ttlMs: number): Promise<boolean> {
    const result = await this.store.query((manager) =>
      manager.update('runs', whereLeased(lease), { leaseExpiresAt: new Date(now.getTime() + ttlMs) }),
    );
    return Boolean(result.affected);
  }

  updateLeased(lease: Lease, patch: Partial<Run>): Promise<Run> {
    return this.writeLeased(lease, patch, {});
  }

  release(lease: Lease, patch: Partial<Run>): Promise<Run> {
    return this.writeLeased(lease, patch, NO_LEASE);
  }

  async requeueExpired(now: Date, deadOwners: string[]): Promise<string[]> {
    return this.store.transaction(async (manager) => {
      const where = [
        { status: 'running' as const, leaseExpiresAt: LessThan(now) },
        { status: 'interrupted' as const },
        ...(deadOwners.length > 0 ? [{ status: 'running' as const, leaseOwner: In(deadOwners) }] : []),
      ];
      const expired = await manager.find<Run>('runs', { where });
      const requeued: string[] = [];
      for (const { id, status, leaseToken, workerDeaths } of expired) {
        const deaths = status === 'running' ? workerDeaths + 1 : workerDeaths;
        const moved = await manager.update(
          'runs',
          { id, status, leaseToken },
          { status: 'queued', updatedAt: now, workerDeaths: deaths, ...NO_LEASE },
        );
        if (moved.affected) requeued.push(id);
      }
      return requeued;
    });
  }

  async reportAlive({ runId, token }: Lease): Promise<void> {
    await this.store.query((manager) =>
      manager
        .createQueryBuilder()
        .update('runs')
        .set({ workerDeaths: () => 'workerDeaths - 1' })
        .where('id = :runId AND workerDeaths > 0', { runId })
        .andWhere('(leaseToken > :token OR (leaseToken = :token AND leaseOwner IS NULL))', { token })
        .execute(),
    );
  }

  async leaseOwners(): Promise<string[]> {
    const rows = await this.many({ status: 'running' }, { number: 'ASC' });
    return [...new Set(rows.flatMap(({ leaseOwner }) => leaseOwner ?? []))];
  }

  requestCancel(id: string, now: Date): Promise<Run> {
    return this.store.transaction(async (manager) => {
      const run = await this.requireRow(manager, id);
      if (isFinal(run.status)) moveRun(run, 'cancelled');
      const cancellation = {
        status: 'cancelled',
        outcome: 'cancelled',
        outcomeDetail: 'Cancelled before it started.',
        cancelRequestedAt: now,
        finishedAt: now,
        updatedAt: now,
      };
      const inactive = In(['queued', 'interrupted', 'waiting']);
      const cancelled = await manager.update('runs', { id, status: inactive }, cancellation);
      if (!cancelled.affected)
        await manager.update('runs', { id, status: 'running' }, { cancelRequestedAt: now, updatedAt: now });
      return this.requireRow(manager, id);
    });
  }

  resume(id: string, now: Date): Promise<Run | null> {
    return this.store.transaction(async (manager) => {
      const run = await this.requireRow(manager, id);
      const waitedMs = run.waitedMs + Math.max(0, now.getTime() - run.updatedAt.getTime());
      const moved = await manager.update(
        'runs',
        { id, status: 'waiting' },
        { status: 'queued', outcomeDetail: null, resumeAt: null, waitedMs, updatedAt: now },
      );
      return moved.affected ? this.requireRow(manager, id) : null;
    });
  }

  queueHeads(agentType: AgentType): Promise<{ heads: QueuedHead[]; activeRuns: ActiveRuns }> {
    return this.store.query(async (manager) => {
      const oldest = await manager
        .createQueryBuilder('runs', 'row')
        .select('MIN(row.number)', 'number')
        .where({ status: 'queued', agentType })
        .groupBy('row.repositoryId')
        .addGroupBy('row.requestedById')
        .addGroupBy('row.priority')
        .getRawMany<{ number: number | string }>();
      const numbers = oldest.map(({ number }) => Number(number));
      const heads = numbers.length === 0 ? [] : await manager.findBy<Run>('runs', { number: In(numbers) });
      return {
        heads: heads.map(queuedHead),
        activeRuns: {
          repositories: await countRunning(manager, 'repositoryId'),
          users: await countRunning(manager, 'requestedById'),
        },
      };
    });
  }

  findByNumber(number: number): Promise<Run | null> {
    return this.one({ number });
  }

  findByTrigger(triggerKey: string): Promise<Run | null> {
    return this.one({ triggerKey });
  }

  findFinishedSince(since: Date, limit: number): Promise<Run[]> {
    return this.many({ finishedAt: MoreThanOrEqual(since) }, { finishedAt: 'DESC' }, limit);
  }

  findRunning(): Promise<Run[]> {
    return this.many({ status: 'running' }, { number: 'ASC' });
  }

  findWaiting(limit: number): Promise<Run[]> {
    return this.many({ status: 'waiting' }, { number: 'ASC' }, limit);
  }

  async addUsage(
    lease: Lease,
    usage: { inputTokens: number; outputTokens: number; costMicros: number | null },
  ): Promise<void> {
    await this.store.transaction(async (manager) => {
      // The database adds, so that concurrent calls are all counted. An unknown cost makes the sum null.
      const added = await manager
        .createQueryBuilder()
        .update('runs')
        .set({
          inputTokens: () => 'inputTokens + :input',
          outputTokens: () => 'outputTokens + :output',
          costMicros: () => 'costMicros + :cost',
        })
        .where(whereLeased(lease))
        .setParameters({ input: usage.inputTokens, output: usage.outputTokens, cost: usage.costMicros })
        .execute();
      if (!added.affected) await this.throwLeaseError(manager, lease);
    });
  }

  private async insertAndReturn(manager: EntityManager, run: Run): Promise<Run> {
    await this.insertRow(manager, run);
    return run;
  }

  private writeLeased(lease: Lease, patch: Partial<Run>, final: Partial<Run>): Promise<Run> {
    return this.store.transaction(async (manager) => {
      const run = await this.requireRow(manager, lease.runId);
      if (run.leaseOwner !== lease.owner || run.leaseToken !== lease.token) throw new LeaseLostError(lease.runId);
      if (patch.status && patch.status !== run.status) moveRun(run, patch.status);
      const result = await manager.update('runs', whereLeased(lease), { updatedAt: new Date(), ...patch, ...final });
      if (!result.affected) throw new LeaseLostError(lease.runId);
      return this.requireRow(manager, lease.runId);
    });
  }

  private async throwLeaseError(manager: EntityManager, lease: Lease): Promise<never> {
    await this.requireRow(manager, lease.runId);
    throw new LeaseLostError(lease.runId);
  }
}

function whereLeased(lease: Lease) {
  return { id: lease.runId, leaseOwner: lease.owner, leaseToken: lease.token, leaseExpiresAt: MoreThan(new Date(0)) };
}

async function countRunning(manager: EntityManager, column: 'repositoryId' | 'requestedById') {
  const rows = await manager
    .createQueryBuilder('runs', 'row')
    .select(`row.${column}`, 'id')
    .addSelect('COUNT(*)', 'count')
    .where({ status: 'running' })
    .groupBy(`row.${column}`)
    .getRawMany<{ id: string | null; count: number | string }>();
  return Object.fromEntries(rows.flatMap(({ id, count }) => (id ? [[id, Number(count)]] : [])));
}
