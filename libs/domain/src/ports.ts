import type { AgentType, ListQuery, Page } from '@teko/contracts';
import type { NewEvent, StoredEvent } from './event';
import type { ChatMessage, ModelReply, ModelRequest } from './model';
import type { CodebaseProfile, Repository } from './repository';
import type { Comment, Task } from './task';

/*
 * Every port, with its dependency-injection token of the same name. Repositories take and give the nouns of this
 * library; lists are paged by the outside interface's query. A write of a row that does not exist throws NotFoundError,
 * one that breaks a unique key throws ConflictError.
 */

/** Stores code repositories under care. `url` is unique. */
export interface RepositoryRepository {
  insert(repository: Repository): Promise<void>;
  update(id: string, patch: Partial<Repository>): Promise<Repository>;
  findById(id: string): Promise<Repository | null>;
  findByUrl(url: string): Promise<Repository | null>;
  findByForgeId(forge: Repository['forge'], forgeId: string): Promise<Repository | null>;
  /** Moves the time of the last look at the forge from `seen`; false where another process was first. */
  claimReconciliation(id: string, seen: Date | null, now: Date): Promise<boolean>;
  /** Counts what webhooks lost and asking found. */
  addMissedEvents(id: string, count: number): Promise<void>;
  /** Shares of the queue, by id; only those that are not 1. */
  findWeights(): Promise<Record<string, number>>;
  /** Sort: name, createdAt, updatedAt. Filters: status, forge, archived, demo. `q` looks in name and url. */
  list(query: ListQuery): Promise<Page<Repository>>;
  /** Deletes it and everything that hangs on it (tasks, runs, steps, changes, findings, profiles, model calls). */
  delete(id: string): Promise<void>;
}
export const RepositoryRepository = Symbol('RepositoryRepository');

/** Stores what analysis found, one row for each commit. */
export interface CodebaseProfileRepository {
  /** Inserts, or replaces the profile of the same repository and commit. */
  save(profile: CodebaseProfile): Promise<void>;
  findByCommit(repositoryId: string, commit: string): Promise<CodebaseProfile | null>;
  findLatest(repositoryId: string): Promise<CodebaseProfile | null>;
  /** The newest, newest first. */
  findHistory(repositoryId: string, limit: number): Promise<CodebaseProfile[]>;
}
export const CodebaseProfileRepository = Symbol('CodebaseProfileRepository');

/** Stores tasks. `sourceKey` is unique. */
export interface TaskRepository {
  /** Stores the task and gives it the next number. Throws ConflictError with `taskId` when the source key is taken. */
  insert(task: Omit<Task, 'number'>): Promise<Task>;
  /** Changes fields other than status. */
  update(id: string, patch: Partial<Omit<Task, 'status'>>): Promise<Task>;
  /** Stores status and reason only if the row still has status `from`; false when somebody else moved it first. */
  transition(id: string, from: Task['status'], to: Task['status'], reason: string | null): Promise<boolean>;
  findById(id: string): Promise<Task | null>;
  findBySourceKey(sourceKey: string): Promise<Task | null>;
  /** Tasks that came from this issue or pull request, the newest first. */
  findByIssue(repositoryId: string, number: number): Promise<Task[]>;
  /** Blocked tasks that wait for others, the oldest first. */
  findWaitingForTasks(limit: number): Promise<Task[]>;
  /** The oldest of each repository first, then the others by age: one repository's flood holds up no other. */
  findByStatus(status: Task['status'], limit: number): Promise<Task[]>;
  /** Sort: number, title, priority, status, createdAt, updatedAt. Filters: status, kind, priority, repositoryId, source, demo. `q` looks in title, description and number. */
  list(query: ListQuery): Promise<Page<Task>>;
  /** Of the repositories `within`, or of all. */
  countByStatus(within?: string[]): Promise<Record<string, number>>;
  delete(id: string): Promise<void>;
}
export const TaskRepository = Symbol('TaskRepository');

/** Stores comments on tasks. */
export interface CommentRepository {
  /** A comment with an idempotency key that is already stored is not stored again; answers the stored one. */
  insert(comment: Comment): Promise<Comment>;
  findById(id: string): Promise<Comment | null>;
  update(id: string, patch: Partial<Comment>): Promise<Comment>;
  /** The newest of a task, the oldest of them first. */
  findLatest(taskId: string, limit: number): Promise<Comment[]>;
  /** Oldest first. Filters: taskId. */
  list(query: ListQuery): Promise<Page<Comment>>;
}
export const CommentRepository = Symbol('CommentRepository');

/** The stored log behind the live streams. */
export interface EventRepository {
  append(event: NewEvent): Promise<StoredEvent>;
  /** Events with an id above `afterId`, oldest first; `within` leaves out those of other repositories and of none. */
  since(afterId: number, filter: { runId?: string; within?: string[] }, limit: number): Promise<StoredEvent[]>;
  latestId(): Promise<number>;
  prune(before: Date): Promise<void>;
}
export const EventRepository = Symbol('EventRepository');

/** Wakes up readers of the event log, in this process or in others. Carries nothing that the log does not have. */
export interface EventBus {
  publish(event: StoredEvent): Promise<void>;
  /** Answers a function that ends the subscription. */
  subscribe(listener: (event: StoredEvent) => void): () => void;
  close(): Promise<void>;
}
export const EventBus = Symbol('EventBus');

/** Wakes workers up with run ids. The database is the truth: a lost, doubled or late id changes nothing. */
export interface RunQueue {
  /** Held back for `delayMs`, where it is given. */
  add(runId: string, job: RunJob): Promise<void>;
  remove(runId: string): Promise<void>;
  /** Starts to hand out the ids of one agent type, at most `concurrency` at a time, highest priority first. */
  process(agentType: AgentType, concurrency: number, handler: (runId: string) => Promise<void>): void;
  counts(): Promise<Record<AgentType, QueueCounts>>;
  /** Hands nothing out until it is resumed, in any process; what is under way goes on. Pausing twice is no error. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  isPaused(): Promise<boolean>;
  /** Takes no more; resolves when the running handlers are done. */
  close(): Promise<void>;
}
export const RunQueue = Symbol('RunQueue');

export interface RunJob {
  agentType: AgentType;
  priority: number;
  delayMs?: number;
}

/** `waiting` counts those that are held back too. */
export interface QueueCounts {
  waiting: number;
  active: number;
}

/** All queues together. */
export function sumCounts(counts: Record<AgentType, QueueCounts>): QueueCounts {
  const all = Object.values(counts);
  return {
    waiting: all.reduce((sum, { waiting }) => sum + waiting, 0),
    active: all.reduce((sum, { active }) => sum + active, 0),
  };
}

/** At most `max` runs of an agent type begin within `durationMs`, over all workers. */
export interface RunRate {
  max: number;
  durationMs: number;
}

/** Asks a model one thing. */
export interface LanguageModels {
  /**
   * Answers once, complete; throws ModelError. A failed call is retried inside only where nothing was received.
   * `signal` aborts the request on the wire.
   */
  complete(request: ModelRequest, options: { signal: AbortSignal; runId: string }): Promise<ModelReply>;
  /** The model of an agent type, or null with the name of the setting that is missing. */
  modelFor(agentType: string, options: { demo: boolean }): ModelChoice;
  /** The setting that a model needs and that is not set; null where none is missing. */
  missingFor(model: string): string | null;
  /** The most that a call can cost, in millionths of a US dollar; null when the model has no known price. */
  worstPrice(request: ModelRequest): number | null;
  /** Price of a call in millionths of a US dollar; null when the model has no known price. */
  price(model: string, usage: ModelReply['usage']): number | null;
}
export const LanguageModels = Symbol('LanguageModels');

export interface ModelChoice {
  /** `provider:model`. */
  model: string | null;
  /** Asked where `model` does not answer; null where there is none. */
  fallback: string | null;
  /** The setting that is missing where `model` is null. */
  missing: string | null;
}

/** Limits of a sandbox session. Bytes and milliseconds. */
export interface SandboxLimits {
  memoryBytes: number;
  diskBytes: number;
  processes: number;
  commandTimeoutMs: number;
  /** Output kept of one command: head and tail together. */
  outputBytes: number;
  /** A command that writes more than this is killed. */
  outputKillBytes: number;
}

export interface ExecResult {
  code: number | null;
  signal: string | null;
  timedOut: boolean;
  /** Killed for passing the output bound. */
  truncatedByKill: boolean;
  head: string;
  tail: string;
  totalBytes: number;
  durationMs: number;
}

/** One confined place to run commands in; `workspace` is the only thing that can be written. */
export interface SandboxSession {
  /** The workspace's path as the inside sees it. */
  readonly cwd: string;
  exec(
    argv: string[],
    options?: {
      cwd?: string;
      env?: Record<string, string>;
      stdin?: string;
      timeoutMs?: number;
      outputBytes?: number;
      signal?: AbortSignal;
    },
  ): Promise<ExecResult>;
  /** File tools run inside, so a link cannot lead outside. Paths are relative to the workspace. */
  readFile(path: string, options?: { maxBytes?: number }): Promise<Buffer>;
  writeFile(path: string, content: Buffer | string): Promise<void>;
  list(
    path: string,
    options?: { depth?: number; limit?: number },
  ): Promise<{ path: string; type: 'file' | 'dir' | 'link' | 'other'; bytes: number }[]>;
  /** `git bundle create - base..ref` made inside; the bytes of the bundle. */
  bundle(base: string, ref: string): Promise<Buffer>;
  /** Ends every process inside. */
  close(): Promise<void>;
}

/** Opens sandboxes. */
export interface Sandbox {
  readonly kind: 'bubblewrap' | 'docker' | 'unsafe-host';
  /** Null when it can be used here; else what is missing and how to install it. */
  unavailableReason(): Promise<string | null>;
  open(options: {
    runId: string;
    workspace: string;
    limits: SandboxLimits;
    signal?: AbortSignal;
  }): Promise<SandboxSession>;
}
export const Sandbox = Symbol('Sandbox');

/** Git on the host, in bare repositories that only Teko writes. Never runs in a workspace an agent has touched. */
export interface GitMirrors {
  /** Checks that the url can be fetched; throws InvalidError for field `url`. */
  check(url: string): Promise<void>;
  /** Clones or fetches, with the forge's credential where there is one; answers default branch and its tip. Teko's own branches are kept. */
  sync(repository: Pick<Repository, 'id' | 'url'>): Promise<{ defaultBranch: string; headCommit: string }>;
  /** The commit of an upstream branch (not one of Teko's), or null. */
  resolve(repositoryId: string, branch: string): Promise<string | null>;
  /** Files of a commit with blob id and size. */
  tree(repositoryId: string, commit: string): Promise<TreeEntry[]>;
  /** Contents by blob id; those over `maxBytes` are cut. */
  blobs(repositoryId: string, ids: string[], maxBytes: number): Promise<Map<string, Buffer>>;
  /** A checkout with its own .git at `commit`, in a new folder `path`. */
  checkout(repositoryId: string, commit: string, path: string): Promise<void>;
  /** Fetches a bundle with object checks into a quarantine ref and checks it (ancestry of `base`, size, paths, links, submodules); throws InvalidError. */
  importBundle(
    repositoryId: string,
    bundle: Buffer,
    options: { runId: string; base: string; ref: string },
  ): Promise<{ headCommit: string }>;
  diff(repositoryId: string, base: string, head: string): Promise<ChangeDiff>;
  /** How often each file was changed in the newest `commits` commits up to `commit`, by path. Merges do not count. */
  changes(repositoryId: string, commit: string, commits: number): Promise<Map<string, FileChanges>>;
  /** Points the upstream's `branch` at `commit`; moving it from anything but `expected` (null: must not exist, or already be `commit`) throws ConflictError. */
  push(
    repository: Pick<Repository, 'id' | 'url'>,
    branch: string,
    commit: string,
    expected: string | null,
  ): Promise<void>;
  /** Where the upstream's branch is now; null where it has none of this name. */
  upstreamCommit(repository: Pick<Repository, 'id' | 'url'>, branch: string): Promise<string | null>;
  /** The text of a file of a commit; null where there is none, or none of at most `maxBytes`. */
  text(repositoryId: string, commit: string, path: string, maxBytes: number): Promise<string | null>;
  /** Deletes mirror and quarantine. */
  remove(repositoryId: string): Promise<void>;
}
export const GitMirrors = Symbol('GitMirrors');

export interface TreeEntry {
  path: string;
  mode: string;
  blob: string;
  bytes: number;
}
/** How a file was changed lately. */
export interface FileChanges {
  commits: number;
  authors: number;
  lastChangedAt: Date;
}
export interface ChangeDiff {
  /** Unified diff, cut at 2 MB with `truncated` set. */
  patch: string;
  truncated: boolean;
  files: {
    path: string;
    oldPath: string | null;
    status: 'added' | 'modified' | 'deleted' | 'renamed';
    additions: number;
    deletions: number;
    binary: boolean;
  }[];
}

export interface Clock {
  now(): Date;
}
export const Clock = Symbol('Clock');

export interface Ids {
  next(): string;
}
export const Ids = Symbol('Ids');

export type { ChatMessage };
