import type { AgentType, ListQuery, Page } from '@teko/contracts';
import type { ActiveRuns, QueuedHead } from './fair-share';
import type { ModelCall } from './model';
import type { Approval, Change, Effect, Finding, Lease, Run, Step } from './run';
import type { Task } from './task';

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

/** Stores approvals. A run has one for each `subjectHash`. */
export interface ApprovalRepository {
  /** Answers the stored one where run and subject have one already. */
  insert(approval: Approval): Promise<Approval>;
  /** Decides one that is pending, in one atomic statement; false when it was decided before. */
  decide(
    id: string,
    decision: Pick<Approval, 'status' | 'decidedById' | 'decidedByName' | 'note' | 'decidedAt'>,
  ): Promise<boolean>;
  findById(id: string): Promise<Approval | null>;
  /** The newest first. */
  findByRun(runId: string): Promise<Approval[]>;
  /** Sort: createdAt. Filters: runId, taskId, repositoryId, status. */
  list(query: ListQuery): Promise<Page<Approval>>;
}
export const ApprovalRepository = Symbol('ApprovalRepository');

/** Stores what happened in runs. (runId, key) and (runId, seq) are unique. */
export interface StepRepository {
  /** Stores a step with the next `seq`; when the key exists already, answers the stored one untouched. */
  begin(step: Omit<Step, 'seq'>): Promise<Step>;
  /** Under a lease; throws LeaseLostError when another worker holds the run. Null for what needs none. */
  finish(
    id: string,
    patch: Pick<Step, 'status' | 'output' | 'data' | 'finishedAt'>,
    lease: Lease | null,
  ): Promise<Step>;
  findByKey(runId: string, key: string): Promise<Step | null>;
  findById(id: string): Promise<Step | null>;
  findByRun(runId: string): Promise<Step[]>;
}
export const StepRepository = Symbol('StepRepository');

/** Stores changes. One for each run. */
export interface ChangeRepository {
  /** Stores the change with the next number; the one that the run already has is answered untouched. */
  insert(change: Omit<Change, 'number'>): Promise<Change>;
  update(id: string, patch: Partial<Change>): Promise<Change>;
  findById(id: string): Promise<Change | null>;
  findByRun(runId: string): Promise<Change | null>;
  /** The newest change of a task that is neither merged nor closed. */
  findOpenByTask(taskId: string): Promise<Change | null>;
  findByPullRequest(repositoryId: string, pullRequestNumber: number): Promise<Change | null>;
  /** Changes with a pull request that is not merged or closed, of one repository. */
  findWithOpenPullRequest(repositoryId: string): Promise<Change[]>;
  /** Sort: number, title, status, createdAt. Filters: status, repositoryId, taskId, runId, demo. */
  list(query: ListQuery): Promise<Page<Change>>;
}
export const ChangeRepository = Symbol('ChangeRepository');

/** Stores findings of reviews. */
export interface FindingRepository {
  /** Replaces all findings of the run in one transaction. */
  replaceForRun(runId: string, findings: Finding[]): Promise<void>;
  findById(id: string): Promise<Finding | null>;
  update(id: string, patch: Pick<Finding, 'status'>): Promise<Finding>;
  /** Sort: severity, path, createdAt. Filters: runId, changeId, taskId, repositoryId, severity, status. */
  list(query: ListQuery): Promise<Page<Finding>>;
}
export const FindingRepository = Symbol('FindingRepository');

/** Stores paid calls with their recorded exchange. (runId, key) is unique. */
export interface ModelCallRepository {
  begin(call: ModelCall): Promise<ModelCall>;
  /** Under a lease; throws LeaseLostError when another worker holds the run. One that is answered stays as it is. */
  finish(id: string, patch: Partial<ModelCall>, lease: Lease | null): Promise<void>;
  findByKey(runId: string, key: string): Promise<ModelCall | null>;
  findByRun(runId: string): Promise<ModelCall[]>;
}
export const ModelCallRepository = Symbol('ModelCallRepository');

/** Stores intended outside changes. `key` is unique. */
export interface EffectRepository {
  /** Stores the intent; when the key exists already, answers the stored one untouched. */
  begin(effect: Effect): Promise<Effect>;
  finish(id: string, patch: Pick<Effect, 'status' | 'answer' | 'error' | 'updatedAt'>): Promise<void>;
  findByRun(runId: string): Promise<Effect[]>;
}
export const EffectRepository = Symbol('EffectRepository');

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

export interface StoredCheckpoint {
  threadId: string;
  namespace: string;
  checkpointId: string;
  parentId: string | null;
  /** Serialised checkpoint and metadata; channel values that are lists of messages are lists of blob hashes. */
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
