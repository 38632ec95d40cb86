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
  /** Id of the language definition ('php', 'python', 'typescript', ...); null if none is needed. */
  language: string | null;
  /** `provider:model` that the run uses, fixed when it starts. */
  model: string | null;
  status: RunStatus;
  outcome: RunOutcome | null;
  /** One or two sentences about the outcome, computed from facts. */
  outcomeDetail: string | null;
  /** Why the scheduler chose this agent and this language. */
  reason: string;
  /** Higher priorities run first, equal ones in order of creation. */
  priority: number;
  attempt: number;
  baseBranch: string | null;
  baseCommit: string | null;
  headCommit: string | null;
  branch: string | null;
  /** Current phase (RunPhase), shown in the timeline; null before the start and after the end. */
  phase: string | null;
  repairRound: number;
  turns: number;
  inputTokens: number;
  outputTokens: number;
  /** Millionths of a US dollar; null if a price is unknown. */
  costMicros: number | null;
  gate: GateReport | null;
  summary: string | null;
  /** Kind of sandbox: 'bubblewrap', 'docker', 'unsafe-host'. */
  sandbox: string | null;
  cancelRequestedAt: Date | null;
  leaseOwner: string | null;
  /** Fencing token; incremented each time the run is claimed. */
  leaseToken: number;
  leaseExpiresAt: Date | null;
  /** The user who requested the run; null for Teko itself. */
  requestedById: string | null;
  /** Milliseconds that the run waited after its start: for human input, its model, the forge or a worker. Excluded from time limits. */
  waitedMs: number;
  /** When a run that waits for its model or the forge resumes; null if it waits for human input or does not wait. */
  resumeAt: Date | null;
  /** How often the process of a worker died while it executed the run. At the third the run ends. */
  workerDeaths: number;
  /** How often the run waited for its model or the forge. */
  pauses: number;
  /** Unique key of the external event that triggered the run, such as `issue_comment:<forgeId>:<id>`; null if it was started in Teko. */
  triggerKey: string | null;
  /** The run that this one is based on; null if there is none. */
  origin: RunOrigin | null;
  /** Where another run can continue after a limit ended this one; null if there is nothing to continue. */
  resumePoint: ResumePoint | null;
  demo: boolean;
  queuedAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** How a run is based on another one. */
export interface RunOrigin {
  kind: RunOriginKind;
  runId: string;
  /** For a fork: the first turn with a new model call. Earlier replies are reused from the other run. */
  turn: number | null;
  /** For a fork, a continuation or a follow-up: an additional instruction for the agent. */
  instruction: string | null;
  /** For a follow-up: the work that it continues. */
  basedOn?: ResumePoint | null;
}

/** Whether a run reuses recorded model replies of the run it is based on. */
export function usesRecordedReplies(origin: RunOrigin | null): origin is RunOrigin {
  return origin?.kind === 'fork' || origin?.kind === 'replay';
}

/** Everything needed to continue a run that did not finish. */
export interface ResumePoint {
  version: 1;
  outcome: RunOutcome;
  baseCommit: string;
  /** Commit with the work so far. */
  headCommit: string;
  /** The branch that the commit was pushed to; null if it exists only in Teko. */
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

/** Returns the run in its new status. Throws IllegalTransitionError if the transition is not allowed. */
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

/** Returns the new `waitedMs` of a run that is claimed now: time back in the queue after its start counts as waiting. */
export function waitedMsAtClaim({ status, startedAt, waitedMs, updatedAt }: Run, now: Date): number {
  if (status !== 'queued' || !startedAt) return waitedMs;
  return waitedMs + Math.max(0, now.getTime() - updatedAt.getTime());
}

/** The exclusive permission of one worker to write to a run until it expires. Every write of the worker carries it. */
export interface Lease {
  runId: string;
  owner: string;
  token: number;
}
