import { Inject, Injectable } from '@nestjs/common';
import {
  canMoveTask,
  Clock,
  CodebaseProfileRepository,
  ConflictError,
  Ids,
  isFinal,
  nextRun,
  NotFoundError,
  RunQueue,
  RunRepository,
  TaskRepository,
  type Run,
  type Task,
} from '@teko/domain';
import { Events } from '@teko/platform';
import { chooseAgent } from './choose-agent';

const RUN_PRIORITY: Record<Task['priority'], number> = { urgent: 40, high: 30, normal: 20, low: 10 };

/** Decides which agent works on a task and when, and writes the run that says so. */
@Injectable()
export class SchedulingService {
  constructor(
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(CodebaseProfileRepository) private readonly profiles: CodebaseProfileRepository,
    @Inject(RunQueue) private readonly queue: RunQueue,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(Events) private readonly events: Events,
  ) {}

  /** Gives an analysed task its run. Null when the task was moved by somebody else or has no agent. */
  async schedule(task: Task, requestedById = task.createdById): Promise<Run | null> {
    const profile = await this.profiles.findLatest(task.repositoryId);
    const choice = chooseAgent(task, profile);
    if (!choice) {
      await this.tasks.transition(task.id, task.status, 'blocked', `No agent works on tasks of kind ${task.kind} yet.`);
      return null;
    }
    const attempt = (await this.runs.findByTask(task.id)).length + 1;
    const run = await this.runs.insertForTask(
      this.newRun({ ...task, createdById: requestedById }, attempt, choice),
      task.status,
    );
    if (!run) return null;
    await this.announce(run);
    await this.queue.add(run.id, { priority: run.priority });
    return run;
  }

  /** Asks for one more run of a task, e.g. after a failure. Null when the worker schedules it after analysis. */
  async requestRun(taskId: string, requestedById: string | null): Promise<Run | null> {
    const task = await this.tasks.findById(taskId);
    if (!task) throw new NotFoundError('task', taskId);
    const busy = (await this.runs.findByTask(taskId)).find((run) => !isFinal(run.status));
    if (busy) throw new ConflictError(`run ${busy.number} of this task is still ${busy.status}`, { runId: busy.id });
    const profile = await this.profiles.findLatest(task.repositoryId);
    if (profile && canMoveTask(task.status, 'queued')) return this.schedule(task, requestedById);
    if (task.status !== 'new' && canMoveTask(task.status, 'new')) {
      await this.tasks.transition(task.id, task.status, 'new', null);
      await this.events.record({
        type: 'task',
        subjectId: task.id,
        taskId,
        repositoryId: task.repositoryId,
        runId: null,
      });
    }
    return null;
  }

  /** Stops a run: a queued one at once, a running one as soon as its worker sees the mark. */
  async requestCancel(runId: string): Promise<Run> {
    const run = await this.runs.requestCancel(runId, this.clock.now());
    await this.queue.remove(runId);
    if (run.status === 'cancelled') await this.cancelTask(run);
    await this.announce(run);
    return run;
  }

  /** Which queued run is next: a fair share for every repository, then by urgency and age. Null where none may begin. */
  async next(cap: number | null): Promise<string | null> {
    const { heads, running } = await this.runs.queueHeads();
    const number = nextRun(heads, running, { now: this.clock.now(), cap });
    return number === null ? null : ((await this.runs.findByNumber(number))?.id ?? null);
  }

  /** Lets a run that waits for people go on. Null when it does not wait. */
  async resume(runId: string): Promise<Run | null> {
    const run = await this.runs.resume(runId, this.clock.now());
    if (!run) return null;
    const task = await this.tasks.findById(run.taskId);
    if (task && canMoveTask(task.status, 'queued')) await this.tasks.transition(task.id, task.status, 'queued', null);
    await this.announce(run);
    await this.queue.add(run.id, { priority: run.priority });
    return run;
  }

  /** Puts every queued run back on the queue: after a start, or when the queue was lost. */
  async refillQueue(): Promise<number> {
    const queued = await this.runs.findQueued(1000);
    for (const run of queued) await this.queue.add(run.id, { priority: run.priority });
    return queued.length;
  }

  private async cancelTask(run: Run): Promise<void> {
    const task = await this.tasks.findById(run.taskId);
    if (!task || !canMoveTask(task.status, 'cancelled')) return;
    await this.tasks.transition(task.id, task.status, 'cancelled', `Run ${run.number} was cancelled.`);
    await this.events.record({
      type: 'task',
      subjectId: task.id,
      taskId: task.id,
      repositoryId: task.repositoryId,
      runId: null,
    });
  }

  private async announce(run: Run): Promise<void> {
    await this.events.record({
      type: 'run',
      subjectId: run.id,
      runId: run.id,
      taskId: run.taskId,
      repositoryId: run.repositoryId,
    });
    await this.events.record({
      type: 'task',
      subjectId: run.taskId,
      runId: null,
      taskId: run.taskId,
      repositoryId: run.repositoryId,
    });
  }

  private newRun(
    task: Task,
    attempt: number,
    choice: { agentType: Run['agentType']; language: string | null; reason: string },
  ): Omit<Run, 'number'> {
    const now = this.clock.now();
    return {
      id: this.ids.next(),
      taskId: task.id,
      repositoryId: task.repositoryId,
      ...choice,
      model: null,
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
      requestedById: task.createdById,
      waitedMs: 0,
      resumeAt: null,
      pauses: 0,
      demo: task.demo,
      queuedAt: now,
      startedAt: null,
      finishedAt: null,
      createdAt: now,
      updatedAt: now,
    };
  }
}
