import type { Run, RunOrigin, Task } from '@teko/domain';
import type { AgentChoice } from './choose-agent';

const RUN_PRIORITY: Record<Task['priority'], number> = { urgent: 40, high: 30, normal: 20, low: 10 };

/** Returns a queued run. */
export function newRun(input: {
  id: string;
  now: Date;
  task: Task;
  attempt: number;
  choice: AgentChoice;
  requestedById: string | null;
  origin?: RunOrigin | null;
  model?: string | null;
  triggerKey?: string | null;
}): Omit<Run, 'number'> {
  const { id, now, task, attempt, choice, requestedById, origin = null, model = null, triggerKey = null } = input;
  return {
    id,
    taskId: task.id,
    repositoryId: task.repositoryId,
    ...choice,
    model,
    status: 'queued',
    outcome: null,
    outcomeDetail: null,
    priority: RUN_PRIORITY[task.priority],
    attempt,
    baseBranch: task.baseBranch,
    baseCommit: null,
    headCommit: null,
    branch: null,
    phase: null,
    repairRound: 0,
    turns: 0,
    inputTokens: 0,
    outputTokens: 0,
    costMicros: 0,
    gate: null,
    summary: null,
    sandbox: null,
    cancelRequestedAt: null,
    leaseOwner: null,
    leaseToken: 0,
    leaseExpiresAt: null,
    requestedById,
    waitedMs: 0,
    resumeAt: null,
    pauses: 0,
    workerDeaths: 0,
    triggerKey,
    origin,
    resumePoint: null,
    demo: task.demo,
    queuedAt: now,
    startedAt: null,
    finishedAt: null,
    createdAt: now,
    updatedAt: now,
  };
}
