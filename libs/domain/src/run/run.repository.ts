import type { AgentType, ListQuery, Page } from '@teko/contracts';
import type { Task } from '../task/task';
import type { ActiveRuns, QueuedHead } from './fair-share';
import type { Lease, Run } from './run';

/** Stores runs and grants leases: the exclusive permission of a worker to execute a run. */
export interface RunRepository {
  /** Stores the run and gives it the next number. */
  insert(run: Omit<Run, 'number'>): Promise<Run>;
  /** Stores the run and moves its task from `from` to `queued` in one transaction. Returns null if the task has left `from` or the trigger already has a run. */
  insertForTask(run: Omit<Run, 'number'>, from: Task['status']): Promise<Run | null>;
  findById(id: string): Promise<Run | null>;
  findByTask(taskId: string): Promise<Run[]>;
  /** Highest priority first, then oldest. */
  findQueued(limit: number): Promise<Run[]>;
  /** Atomically moves a queued run, or a running one whose lease expired before `now` (a worker death), to running with a new lease. Returns null if it cannot be claimed. */
  claim(runId: string, owner: string, now: Date, ttlMs: number): Promise<{ run: Run; lease: Lease } | null>;
  /** Extends the lease. Returns false if it is lost. */
  renew(lease: Lease, now: Date, ttlMs: number): Promise<boolean>;
  /** Updates a run under a lease. Throws LeaseLostError if another worker has claimed the run. */
  updateLeased(lease: Lease, patch: Partial<Run>): Promise<Run>;
  /** Updates the run and ends the lease. A status in the patch must be a valid transition. */
  release(lease: Lease, patch: Partial<Run>): Promise<Run>;
  /**
   * Moves interrupted runs, and running ones whose lease expired before `now` or belongs to one of `deadOwners`, back to
   * queued. Counts a worker death for each that was running. Returns their ids.
   */
  requeueExpired(now: Date, deadOwners: string[]): Promise<string[]>;
  /** Takes back the worker death that was counted when the lease was lost, because the worker is alive. Does nothing while the lease is valid. */
  reportAlive(lease: Lease): Promise<void>;
  /** Returns the owners of the leases of all running runs. */
  leaseOwners(): Promise<string[]>;
  /** Cancels a queued run, or sets `cancelRequestedAt` of a running one. Returns the updated run. */
  requestCancel(id: string, now: Date): Promise<Run>;
  /** Moves a waiting run back to queued and adds the waiting time to `waitedMs`. Returns null if the run is not waiting. */
  resume(id: string, now: Date): Promise<Run | null>;
  /** Returns the oldest queued run of each repository, user and priority for one agent type, and the active runs of all types. */
  queueHeads(agentType: AgentType): Promise<{ heads: QueuedHead[]; activeRuns: ActiveRuns }>;
  findByNumber(number: number): Promise<Run | null>;
  findByTrigger(triggerKey: string): Promise<Run | null>;
  /** Returns runs that finished since `since`, newest first. */
  findFinishedSince(since: Date, limit: number): Promise<Run[]>;
  /** Returns running runs, oldest first. */
  findRunning(): Promise<Run[]>;
  /** Returns runs that wait for human input, their model or the forge, oldest first. */
  findWaiting(limit: number): Promise<Run[]>;
  /** Adds the usage of one model call to the totals of the run. A null cost makes the total unknown. */
  addUsage(
    lease: Lease,
    usage: { inputTokens: number; outputTokens: number; costMicros: number | null },
  ): Promise<void>;
  /** Sort: number, status, priority, createdAt, finishedAt. Filters: status, taskId, repositoryId, agentType, outcome, demo. */
  list(query: ListQuery): Promise<Page<Run>>;
  /** Counts runs by status, in the repositories `within` or in all. */
  countByStatus(within?: string[]): Promise<Record<string, number>>;
}

export const RunRepository = Symbol('RunRepository');
