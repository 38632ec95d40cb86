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
import { compare, type MemoryTable } from './memory-table';

const NO_LEASE = { leaseOwner: null, leaseExpiresAt: null };

/** Runs in memory. Every method runs synchronously, which makes it atomic. */
export class InMemoryRunRepository implements RunRepository {
  constructor(
    private readonly runs: MemoryTable<Run>,
    private readonly tasks: MemoryTable<Task>,
  ) {}

  async insert(run: Omit<Run, 'number'>): Promise<Run> {
    return this.runs.add({ ...run, number: this.runs.next('number') });
  }

  async insertForTask(run: Omit<Run, 'number'>, from: Task['status']): Promise<Run | null> {
    if (this.ofTrigger(run.triggerKey)) return null;
    if (this.tasks.get(run.taskId)?.status !== from) return null;
    const stored = this.runs.add({ ...run, number: this.runs.next('number') });
    this.tasks.patch(run.taskId, { status: 'queued', statusReason: null, updatedAt: run.createdAt });
    return stored;
  }

  async findById(id: string) {
    return this.runs.get(id);
  }

  async findByTask(taskId: string) {
    return this.runs.where((run) => run.taskId === taskId).sort((a, b) => a.number - b.number);
  }

  async findQueued(limit: number) {
    return this.runs
      .where(({ status }) => status === 'queued')
      .sort((a, b) => b.priority - a.priority || a.number - b.number)
      .slice(0, limit);
  }

  async claim(runId: string, owner: string, now: Date, ttlMs: number): Promise<{ run: Run; lease: Lease } | null> {
    const before = this.runs.get(runId);
    const free = before?.status === 'queued' || (before?.status === 'running' && isExpired(before, now));
    if (!before || !free) return null;
    const token = before.leaseToken + 1;
    const run = this.runs.patch(runId, {
      workerDeaths: deathsOf(before),
      status: 'running',
      leaseOwner: owner,
      leaseToken: token,
      leaseExpiresAt: new Date(now.getTime() + ttlMs),
      startedAt: before.startedAt ?? now,
      waitedMs: waitedMsAtClaim(before, now),
      updatedAt: now,
    });
    return { run, lease: { runId, owner, token } };
  }

  async renew(lease: Lease, now: Date, ttlMs: number): Promise<boolean> {
    const run = this.runs.get(lease.runId);
    if (!run || !hasLease(run, lease)) return false;
    this.runs.patch(run.id, { leaseExpiresAt: new Date(now.getTime() + ttlMs) });
    return true;
  }

  async updateLeased(lease: Lease, patch: Partial<Run>): Promise<Run> {
    return this.write(lease, patch);
  }

  async release(lease: Lease, patch: Partial<Run>): Promise<Run> {
    return this.write(lease, { ...patch, ...NO_LEASE });
  }

  async requeueExpired(now: Date, deadOwners: string[]): Promise<string[]> {
    const expiredRuns = this.runs.where(
      (run) =>
        run.status === 'interrupted' ||
        (run.status === 'running' && (isExpired(run, now) || deadOwners.includes(run.leaseOwner ?? ''))),
    );
    for (const run of expiredRuns)
      this.runs.patch(run.id, { status: 'queued', updatedAt: now, workerDeaths: deathsOf(run), ...NO_LEASE });
    return expiredRuns.map(({ id }) => id);
  }

  async reportAlive({ runId, token }: Lease): Promise<void> {
    const run = this.runs.get(runId);
    if (!run || run.workerDeaths === 0) return;
    if (run.leaseToken > token || (run.leaseToken === token && run.leaseOwner === null))
      this.runs.patch(runId, { workerDeaths: run.workerDeaths - 1 });
  }

  async leaseOwners(): Promise<string[]> {
    const running = this.runs.where(({ status }) => status === 'running');
    return [...new Set(running.flatMap(({ leaseOwner }) => leaseOwner ?? []))];
  }

  async requestCancel(id: string, now: Date): Promise<Run> {
    const run = this.runs.require(id);
    if (isFinal(run.status)) moveRun(run, 'cancelled');
    const marked = { cancelRequestedAt: now, updatedAt: now };
    if (run.status === 'running') return this.runs.patch(id, marked);
    return this.runs.patch(id, {
      ...marked,
      status: 'cancelled',
      outcome: 'cancelled',
      outcomeDetail: 'Cancelled before it started.',
      finishedAt: now,
    });
  }

  async addUsage(
    lease: Lease,
    usage: { inputTokens: number; outputTokens: number; costMicros: number | null },
  ): Promise<void> {
    const run = this.requireLease(lease);
    this.runs.patch(run.id, {
      inputTokens: run.inputTokens + usage.inputTokens,
      outputTokens: run.outputTokens + usage.outputTokens,
      costMicros: run.costMicros === null || usage.costMicros === null ? null : run.costMicros + usage.costMicros,
    });
  }

  async list(query: Parameters<RunRepository['list']>[0]) {
    return this.runs.list(query);
  }

  async resume(id: string, now: Date): Promise<Run | null> {
    const run = this.runs.require(id);
    if (run.status !== 'waiting') return null;
    const waitedMs = run.waitedMs + Math.max(0, now.getTime() - run.updatedAt.getTime());
    return this.runs.patch(id, { status: 'queued', outcomeDetail: null, resumeAt: null, waitedMs, updatedAt: now });
  }

  async queueHeads(agentType: AgentType) {
    const heads = new Map<string, QueuedHead>();
    const activeRuns: ActiveRuns = { repositories: {}, users: {} };
    for (const run of this.runs.where()) {
      const { status, repositoryId, requestedById: userId, priority, number } = run;
      if (status === 'running') {
        activeRuns.repositories[repositoryId] = (activeRuns.repositories[repositoryId] ?? 0) + 1;
        if (userId) activeRuns.users[userId] = (activeRuns.users[userId] ?? 0) + 1;
      }
      const key = `${repositoryId} ${userId} ${priority}`;
      const known = heads.get(key);
      if (status === 'queued' && run.agentType === agentType && (!known || number < known.number))
        heads.set(key, queuedHead(run));
    }
    return { heads: [...heads.values()], activeRuns };
  }

  async findByNumber(number: number) {
    return this.runs.find((run) => run.number === number);
  }

  async findByTrigger(triggerKey: string) {
    return this.ofTrigger(triggerKey);
  }

  async findFinishedSince(since: Date, limit: number) {
    return this.runs
      .where(({ finishedAt }) => finishedAt !== null && finishedAt >= since)
      .sort((a, b) => b.finishedAt!.getTime() - a.finishedAt!.getTime())
      .slice(0, limit);
  }

  async findRunning() {
    return this.runs.where(({ status }) => status === 'running').sort((a, b) => a.number - b.number);
  }

  async findWaiting(limit: number) {
    return this.runs
      .where(({ status }) => status === 'waiting')
      .sort((a, b) => a.number - b.number)
      .slice(0, limit);
  }

  async countByStatus(within?: string[]) {
    return this.runs.countBy('status', within);
  }

  private ofTrigger(triggerKey: string | null): Run | null {
    return triggerKey === null ? null : this.runs.find((run) => run.triggerKey === triggerKey);
  }

  private write(lease: Lease, patch: Partial<Run>): Run {
    const run = this.requireLease(lease);
    if (patch.status && patch.status !== run.status) moveRun(run, patch.status);
    return this.runs.patch(run.id, { updatedAt: new Date(), ...patch });
  }

  private requireLease(lease: Lease): Run {
    const run = this.runs.require(lease.runId);
    if (!hasLease(run, lease)) throw new LeaseLostError(lease.runId);
    return run;
  }
}

/** Returns the worker deaths of a run whose lease is taken away. */
function deathsOf({ status, workerDeaths }: Run): number {
  return status === 'running' ? workerDeaths + 1 : workerDeaths;
}

function hasLease(run: Run, lease: Lease): boolean {
  return run.leaseOwner === lease.owner && run.leaseToken === lease.token;
}

function isExpired(run: Run, now: Date): boolean {
  return run.leaseExpiresAt !== null && compare(run.leaseExpiresAt, now) < 0;
}
