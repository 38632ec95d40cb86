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
import { afterCommit, Events } from '@teko/platform';
import { blockedReason, waitsForTasks } from './blockers';
import { chooseAgent } from './choose-agent';
import { newRun } from './new-run';

/** Delay after which a run that could not start is tried again. */
const RETRY_DELAY_MS = 1_000;
const MAX_BLOCKED_TASKS = 500;

/** The user or event that requests a run. */
interface RunRequest {
  requestedById?: string | null;
  triggerKey?: string | null;
}

/** Chooses the agent for a task, creates its runs and decides which queued run starts next. */
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

  /** Creates the run of an analysed task. Returns null if the task is blocked, has no agent or was changed concurrently. */
  async schedule(
    task: Task,
    { requestedById = task.createdById, triggerKey = null }: RunRequest = {},
  ): Promise<Run | null> {
    const blocked = await blockedReason(task, this.tasks);
    if (blocked) {
      await this.tasks.transition(task.id, task.status, 'blocked', blocked);
      await this.recordTaskEvent(task);
      return null;
    }
    const profile = await this.profiles.findLatest(task.repositoryId);
    const choice = chooseAgent(task, profile);
    if (!choice) {
      await this.tasks.transition(task.id, task.status, 'blocked', `No agent supports tasks of kind ${task.kind} yet.`);
      return null;
    }
    const attempt = (await this.runs.findByTask(task.id)).length + 1;
    const ids = { id: this.ids.next(), now: this.clock.now() };
    const run = newRun({ ...ids, task, attempt, choice, requestedById, triggerKey });
    return this.enqueue(run, task.status);
  }

  /** Stores a run and queues it for a worker. Returns null if the task no longer has the status `from`. */
  async enqueue(run: Omit<Run, 'number'>, from: Task['status']): Promise<Run | null> {
    // A replay does not change the task.
    const isReplay = run.origin?.kind === 'replay';
    const stored = isReplay ? await this.runs.insert(run) : await this.runs.insertForTask(run, from);
    if (!stored) return null;
    await this.recordRunEvent(stored);
    await this.addToQueue(stored);
    return stored;
  }

  /**
   * Requests another run of a task, for example after a failure. Returns null if the trigger already has a run, or if the
   * worker schedules the run after the analysis. Throws ConflictError if a run is unfinished or the task is blocked.
   */
  async requestRun(
    taskId: string,
    requestedById: string | null,
    triggerKey: string | null = null,
  ): Promise<Run | null> {
    if (triggerKey && (await this.runs.findByTrigger(triggerKey))) return null;
    const task = await this.tasks.findById(taskId);
    if (!task) throw new NotFoundError('task', taskId);
    const active = (await this.runs.findByTask(taskId)).find((run) => !isFinal(run.status));
    if (active)
      throw new ConflictError(`run ${active.number} of this task is still ${active.status}`, { runId: active.id });
    const blocked = await blockedReason(task, this.tasks);
    if (blocked) throw new ConflictError(blocked, { taskId });
    const profile = await this.profiles.findLatest(task.repositoryId);
    if (profile && canMoveTask(task.status, 'queued')) return this.schedule(task, { requestedById, triggerKey });
    if (task.status !== 'new' && canMoveTask(task.status, 'new')) {
      await this.tasks.transition(task.id, task.status, 'new', null);
      await this.recordTaskEvent(task);
    }
    return null;
  }

  /** Unblocks tasks whose blockers are done, and updates the reason of those that still wait. */
  async unblock(): Promise<void> {
    for (const task of (await this.tasks.findWaitingForTasks(MAX_BLOCKED_TASKS)).filter(waitsForTasks)) {
      const blocked = await blockedReason(task, this.tasks);
      if (blocked === task.statusReason) continue;
      await this.tasks.transition(task.id, 'blocked', blocked ? 'blocked' : 'new', blocked);
      await this.recordTaskEvent(task);
    }
  }

  /** Cancels a run. A queued run ends at once, a running one as soon as its worker sees the request. */
  async requestCancel(runId: string): Promise<Run> {
    const run = await this.runs.requestCancel(runId, this.clock.now());
    if (run.status === 'cancelled' && run.origin?.kind !== 'replay') await this.cancelTask(run);
    await this.recordRunEvent(run);
    // A job that is left in the queue does no harm.
    await afterCommit(() => this.queue.remove(runId).catch(() => undefined));
    return run;
  }

  /**
   * Returns the id of the queued run that starts next, or null if none can start. Repositories and users get a fair share;
   * within it, priority and age decide. `cap` is the maximum number of running runs per repository.
   */
  async next(agentType: AgentType, cap: number | null): Promise<string | null> {
    const [{ heads, activeRuns }, weights] = await Promise.all([
      this.runs.queueHeads(agentType),
      this.repositories.findWeights(),
    ]);
    const number = nextRun(heads, activeRuns, { now: this.clock.now(), cap, weights });
    return number === null ? null : ((await this.runs.findByNumber(number))?.id ?? null);
  }

  /** Queues a run that could not start again, with a delay. */
  async requeueLater(runId: string): Promise<void> {
    const run = await this.runs.findById(runId);
    if (run?.status === 'queued') await this.addToQueue(run, RETRY_DELAY_MS);
  }

  /** Resumes a waiting run. Returns null if the run is not waiting. */
  async resume(runId: string): Promise<Run | null> {
    const run = await this.runs.resume(runId, this.clock.now());
    if (!run) return null;
    const task = await this.tasks.findById(run.taskId);
    if (task && canMoveTask(task.status, 'queued')) await this.tasks.transition(task.id, task.status, 'queued', null);
    await this.recordRunEvent(run);
    await this.addToQueue(run);
    return run;
  }

  /** Adds all queued runs to the queue, after a start or if the queue lost its jobs. Returns the number of runs. */
  async refillQueue(): Promise<number> {
    const queued = await this.runs.findQueued(1000);
    for (const run of queued) await this.addToQueue(run);
    return queued.length;
  }

  private addToQueue({ id, agentType, priority }: Run, delayMs?: number): Promise<void> {
    return afterCommit(() => this.queue.add(id, { agentType, priority, delayMs }));
  }

  private async cancelTask(run: Run): Promise<void> {
    const task = await this.tasks.findById(run.taskId);
    // The change of a cancelled follow-up is still in review.
    const to = run.origin?.kind === 'follow_up' ? 'in_review' : 'cancelled';
    if (!task || !canMoveTask(task.status, to)) return;
    await this.tasks.transition(task.id, task.status, to, `Run ${run.number} was cancelled.`);
    await this.recordTaskEvent(task);
  }

  private async recordRunEvent(run: Run): Promise<void> {
    await this.events.record({
      type: 'run',
      subjectId: run.id,
      runId: run.id,
      taskId: run.taskId,
      repositoryId: run.repositoryId,
    });
    await this.recordTaskEvent({ id: run.taskId, repositoryId: run.repositoryId });
  }

  private recordTaskEvent({ id, repositoryId }: Pick<Task, 'id' | 'repositoryId'>): Promise<void> {
    return this.events.record({ type: 'task', subjectId: id, taskId: id, repositoryId, runId: null });
  }
}
