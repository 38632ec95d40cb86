import { Inject, Injectable } from '@nestjs/common';
import type { AgentType } from '@teko/contracts';
import {
  canMoveTask,
  Clock,
  CodebaseProfileRepository,
  ConflictError,
  Ids,
  isFinal,
  nextRun,
  NotFoundError,
  RepositoryRepository,
  RunQueue,
  RunRepository,
  TaskRepository,
  type Run,
  type Task,
} from '@teko/domain';
import { Events } from '@teko/platform';
import { blockedReason, waitsForTasks } from './blockers';
import { chooseAgent } from './choose-agent';
import { newRun } from './new-run';

/** After this a run that found no place asks again. */
const RETRY_DELAY_MS = 1_000;
const MAX_WAITING = 500;

/** Who or what asks for a run. */
interface RunRequest {
  requestedById?: string | null;
  triggerKey?: string | null;
}

/** Decides which agent works on a task and when, and writes the run that says so. */
@Injectable()
export class SchedulingService {
  constructor(
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(CodebaseProfileRepository) private readonly profiles: CodebaseProfileRepository,
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(RunQueue) private readonly queue: RunQueue,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(Events) private readonly events: Events,
  ) {}

  /** Gives an analysed task its run. Null when the task was moved by somebody else or has no agent. */
  async schedule(
    task: Task,
    { requestedById = task.createdById, triggerKey = null }: RunRequest = {},
  ): Promise<Run | null> {
    const blocked = await blockedReason(task, this.tasks);
    if (blocked) {
      await this.tasks.transition(task.id, task.status, 'blocked', blocked);
      await this.announceTask(task);
      return null;
    }
    const profile = await this.profiles.findLatest(task.repositoryId);
    const choice = chooseAgent(task, profile);
    if (!choice) {
      await this.tasks.transition(task.id, task.status, 'blocked', `No agent works on tasks of kind ${task.kind} yet.`);
      return null;
    }
    const attempt = (await this.runs.findByTask(task.id)).length + 1;
    const ids = { id: this.ids.next(), now: this.clock.now() };
    const run = newRun({ ...ids, task, attempt, choice, requestedById, triggerKey });
    return this.begin(run, task.status);
  }

  /** Stores a run and wakes a worker up. Null when the task was moved by somebody else. */
  async begin(run: Omit<Run, 'number'>, from: Task['status']): Promise<Run | null> {
    // Of a replay the task knows nothing.
    const replay = run.origin?.kind === 'replay';
    const stored = replay ? await this.runs.insert(run) : await this.runs.insertForTask(run, from);
    if (!stored) return null;
    await this.announce(stored);
    await this.wake(stored);
    return stored;
  }

  /** Asks for one more run of a task, e.g. after a failure. Null when the worker schedules it after analysis, or its trigger has its run. */
  async requestRun(
    taskId: string,
    requestedById: string | null,
    triggerKey: string | null = null,
  ): Promise<Run | null> {
    if (triggerKey && (await this.runs.findByTrigger(triggerKey))) return null;
    const task = await this.tasks.findById(taskId);
    if (!task) throw new NotFoundError('task', taskId);
    const busy = (await this.runs.findByTask(taskId)).find((run) => !isFinal(run.status));
    if (busy) throw new ConflictError(`run ${busy.number} of this task is still ${busy.status}`, { runId: busy.id });
    const blocked = await blockedReason(task, this.tasks);
    if (blocked) throw new ConflictError(blocked, { taskId });
    const profile = await this.profiles.findLatest(task.repositoryId);
    if (profile && canMoveTask(task.status, 'queued')) return this.schedule(task, { requestedById, triggerKey });
    if (task.status !== 'new' && canMoveTask(task.status, 'new')) {
      await this.tasks.transition(task.id, task.status, 'new', null);
      await this.announceTask(task);
    }
    return null;
  }

  /** Lets tasks go on whose others are done by now, and keeps what the rest waits for up to date. */
  async unblock(): Promise<void> {
    for (const task of (await this.tasks.findWaitingForTasks(MAX_WAITING)).filter(waitsForTasks)) {
      const blocked = await blockedReason(task, this.tasks);
      if (blocked === task.statusReason) continue;
      await this.tasks.transition(task.id, 'blocked', blocked ? 'blocked' : 'new', blocked);
      await this.announceTask(task);
    }
  }

  /** Stops a run: a queued one at once, a running one as soon as its worker sees the mark. */
  async requestCancel(runId: string): Promise<Run> {
    const run = await this.runs.requestCancel(runId, this.clock.now());
    if (run.status === 'cancelled' && run.origin?.kind !== 'replay') await this.cancelTask(run);
    await this.announce(run);
    // A wake-up for nothing does no harm.
    await this.queue.remove(runId).catch(() => undefined);
    return run;
  }

  /** Which queued run of an agent is next: a fair share for every repository and user, then by urgency and age. Null where none may begin. */
  async next(agentType: AgentType, cap: number | null): Promise<string | null> {
    const [{ heads, activeRuns }, weights] = await Promise.all([
      this.runs.queueHeads(agentType),
      this.repositories.findWeights(),
    ]);
    const number = nextRun(heads, activeRuns, { now: this.clock.now(), cap, weights });
    return number === null ? null : ((await this.runs.findByNumber(number))?.id ?? null);
  }

  /** Gives a run that could not begin its wake-up back, for later. */
  async putOff(runId: string): Promise<void> {
    const run = await this.runs.findById(runId);
    if (run?.status === 'queued') await this.wake(run, RETRY_DELAY_MS);
  }

  /** Lets a run that waits for people go on. Null when it does not wait. */
  async resume(runId: string): Promise<Run | null> {
    const run = await this.runs.resume(runId, this.clock.now());
    if (!run) return null;
    const task = await this.tasks.findById(run.taskId);
    if (task && canMoveTask(task.status, 'queued')) await this.tasks.transition(task.id, task.status, 'queued', null);
    await this.announce(run);
    await this.wake(run);
    return run;
  }

  /** Puts every queued run back on the queue: after a start, or when the queue was lost. */
  async refillQueue(): Promise<number> {
    const queued = await this.runs.findQueued(1000);
    for (const run of queued) await this.wake(run);
    return queued.length;
  }

  private wake({ id, agentType, priority }: Run, delayMs?: number): Promise<void> {
    return this.queue.add(id, { agentType, priority, delayMs });
  }

  private async cancelTask(run: Run): Promise<void> {
    const task = await this.tasks.findById(run.taskId);
    // What became of a follow-up, its change is in review as before.
    const to = run.origin?.kind === 'follow_up' ? 'in_review' : 'cancelled';
    if (!task || !canMoveTask(task.status, to)) return;
    await this.tasks.transition(task.id, task.status, to, `Run ${run.number} was cancelled.`);
    await this.announceTask(task);
  }

  private async announce(run: Run): Promise<void> {
    await this.events.record({
      type: 'run',
      subjectId: run.id,
      runId: run.id,
      taskId: run.taskId,
      repositoryId: run.repositoryId,
    });
    await this.announceTask({ id: run.taskId, repositoryId: run.repositoryId });
  }

  private announceTask({ id, repositoryId }: Pick<Task, 'id' | 'repositoryId'>): Promise<void> {
    return this.events.record({ type: 'task', subjectId: id, taskId: id, repositoryId, runId: null });
  }
}
