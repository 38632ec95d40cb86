import type { AgentType, ListQuery, Page } from '@teko/contracts';
import type { Task } from '../task/task';
import type { ActiveRuns, QueuedHead } from './fair-share';
import type { Lease, Run } from './run';

/* The ports of runs and what hangs on them; the same rules hold as in ports.ts. */

/** Stores runs and hands out the right to work on them. */
export interface RunRepository {
  /** Stores the run and gives it the next number. */
  insert(run: Omit<Run, 'number'>): Promise<Run>;
  /** In one transaction: task goes from `from` to `queued` and the run is stored. Null when the task was moved first, or the trigger has its run. */
  insertForTask(run: Omit<Run, 'number'>, from: Task['status']): Promise<Run | null>;
  findById(id: string): Promise<Run | null>;
  findByTask(taskId: string): Promise<Run[]>;
  /** Highest priority first, then oldest. */
  findQueued(limit: number): Promise<Run[]>;
  /** One atomic statement: a queued run (or a running one whose lease ended before `now`) becomes running with a new lease. Null when not to be had. */
  claim(runId: string, owner: string, now: Date, ttlMs: number): Promise<{ run: Run; lease: Lease } | null>;
  /** Extends the lease; false when it is lost. */
  renew(lease: Lease, now: Date, ttlMs: number): Promise<boolean>;
  /** Writes under a lease; throws LeaseLostError when another worker holds the run. */
  updateLeased(lease: Lease, patch: Partial<Run>): Promise<Run>;
  /** Ends the lease with a last write. A status in the patch must be a legal move. */
  release(lease: Lease, patch: Partial<Run>): Promise<Run>;
  /** Running runs whose lease ended before `now`, or is held by an owner in `deadOwners`, go back to queued; answers their ids. */
  requeueExpired(now: Date, deadOwners: string[]): Promise<string[]>;
  /** Owners of all leases of running runs. */
  leaseOwners(): Promise<string[]>;
  /** Cancels a queued run at once, marks a running one; answers the run. */
  requestCancel(id: string, now: Date): Promise<Run>;
  /** Puts a waiting run back into the queue and counts how long it waited; null when it does not wait. */
  resume(id: string, now: Date): Promise<Run | null>;
  /** Of an agent type the oldest queued run of each repository, user and priority; and what is at work, of every type. */
  queueHeads(agentType: AgentType): Promise<{ heads: QueuedHead[]; activeRuns: ActiveRuns }>;
  findByNumber(number: number): Promise<Run | null>;
  findByTrigger(triggerKey: string): Promise<Run | null>;
  /** Runs that ended since then, the newest first. */
  findFinishedSince(since: Date, limit: number): Promise<Run[]>;
  /** Runs that a worker holds, the oldest first. */
  findRunning(): Promise<Run[]>;
  /** Runs that wait for people, the oldest first. */
  findWaiting(limit: number): Promise<Run[]>;
  /** Adds usage of one model call to the run's sums. A null cost makes the sum unknown. */
  addUsage(
    lease: Lease,
    usage: { inputTokens: number; outputTokens: number; costMicros: number | null },
  ): Promise<void>;
  /** Sort: number, status, priority, createdAt, finishedAt. Filters: status, taskId, repositoryId, agentType, outcome, demo. */
  list(query: ListQuery): Promise<Page<Run>>;
  /** Of the repositories `within`, or of all. */
  countByStatus(within?: string[]): Promise<Record<string, number>>;
}

export const RunRepository = Symbol('RunRepository');
