import type { AgentType, RunOriginKind, RunOutcome, RunStatus } from '@teko/contracts';
import { IllegalTransitionError } from '../errors';
import type { GateReport } from '../gate/gate';

/** One execution of one agent for one task. */
export interface Run {
  id: string;
  number: number;
  taskId: string;
  repositoryId: string;
  agentType: AgentType;
  /** Language agent that works ('php', 'python', 'typescript', ...); null where none is needed. */
  language: string | null;
  /** `provider:model` that the run uses, fixed when it starts. */
  model: string | null;
  status: RunStatus;
  outcome: RunOutcome | null;
  /** One or two sentences on the outcome, from facts. */
  outcomeDetail: string | null;
  /** Why the scheduler chose this agent and this language. */
  reason: string;
  /** Higher runs first; equal ones in order of creation. */
  priority: number;
  attempt: number;
  baseBranch: string | null;
  baseCommit: string | null;
  headCommit: string | null;
  branch: string | null;
  /** Name of the stage the run is in, for the timeline. */
  phase: string | null;
  repairRound: number;
  turns: number;
  inputTokens: number;
  outputTokens: number;
  /** Millionths of a US dollar; null when a price was unknown. */
  costMicros: number | null;
  gate: GateReport | null;
  summary: string | null;
  /** Which kind of sandbox ran it: 'bubblewrap', 'docker', 'unsafe-host'. */
  sandbox: string | null;
  cancelRequestedAt: Date | null;
  leaseOwner: string | null;
  /** Fencing token: grows by one each time the run is claimed. */
  leaseToken: number;
  leaseExpiresAt: Date | null;
  /** Who asked for this run; null for Teko itself. */
  requestedById: string | null;
  /** Milliseconds that it waited after it had begun: for people, its model, the forge or a worker. No limit of time counts them. */
  waitedMs: number;
  /** When a run that waits for its model is to go on; null where it waits for people or not at all. */
  resumeAt: Date | null;
  /** How often it waited for its model. */
  pauses: number;
  /** What asked for it outside; no two runs have the same. Null where it was asked for in Teko. */
  triggerKey: string | null;
  /** The run that this one comes from; null where it stands alone. */
  origin: RunOrigin | null;
  /** Where a run that a limit ended can go on; null where there is nothing to go on from. */
  resumePoint: ResumePoint | null;
  demo: boolean;
  queuedAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** How a run comes from another one. */
export interface RunOrigin {
  kind: RunOriginKind;
  runId: string;
  /** A fork: the first turn that is asked anew; the answers before it are the other run's. */
  turn: number | null;
  /** A fork, a continuation or a follow-up: what the agent is told besides. */
  instruction: string | null;
  /** A follow-up: the work that it goes on with. */
  basedOn?: ResumePoint | null;
}

/** Whether a run takes answers from the record of the run that it comes from. */
export function usesRecord(origin: RunOrigin | null): origin is RunOrigin {
  return origin?.kind === 'fork' || origin?.kind === 'replay';
}

/** What a machine needs to go on with a run that did not finish. */
export interface ResumePoint {
  version: 1;
  outcome: RunOutcome;
  baseCommit: string;
  /** The work so far. */
  headCommit: string;
  /** The branch it was put on; null where it was only kept. */
  branch: string | null;
  turns: number;
  verdict: GateReport['verdict'] | null;
  failing: string[];
}

const RUN_TRANSITIONS: Record<RunStatus, RunStatus[]> = {
  queued: ['running', 'cancelled', 'failed'],
  running: ['waiting', 'succeeded', 'failed', 'cancelled', 'interrupted'],
  waiting: ['running', 'queued', 'failed', 'cancelled'],
  interrupted: ['queued', 'cancelled', 'failed'],
  succeeded: [],
  failed: [],
  cancelled: [],
};

/** Answers the run in its new status, or refuses with an error that names both statuses. */
export function moveRun(run: Run, to: RunStatus): Run {
  if (!canMoveRun(run.status, to)) throw new IllegalTransitionError('run', run.status, to);
  return { ...run, status: to };
}

export function canMoveRun(from: RunStatus, to: RunStatus): boolean {
  return RUN_TRANSITIONS[from].includes(to);
}

export function isFinal(status: RunStatus): boolean {
  return RUN_TRANSITIONS[status].length === 0;
}

/** A run that had begun and stood in the queue again did not work meanwhile. */
export function waitedAtClaim({ status, startedAt, waitedMs, updatedAt }: Run, now: Date): number {
  if (status !== 'queued' || !startedAt) return waitedMs;
  return waitedMs + Math.max(0, now.getTime() - updatedAt.getTime());
}

/** The right of one worker to act for a run until `expiresAt`. Every write about the run carries it. */
export interface Lease {
  runId: string;
  owner: string;
  token: number;
}
