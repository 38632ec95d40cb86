import { Inject, Injectable } from '@nestjs/common';
import {
  canMoveTask,
  Clock,
  ConflictError,
  Ids,
  InvalidError,
  isFinal,
  ModelCallRepository,
  NotFoundError,
  RunRepository,
  TaskRepository,
  turnOf,
  type Run,
  type RunOrigin,
  type Task,
} from '@teko/domain';
import { newRun } from './new-run';
import { SchedulingService } from './scheduling.service';

/** Starts runs that continue, fork or replay another run. */
@Injectable()
export class Reruns {
  constructor(
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(ModelCallRepository) private readonly calls: ModelCallRepository,
    @Inject(SchedulingService) private readonly scheduling: SchedulingService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  /** Continues the work of a run that did not finish. Throws ConflictError if it has no resume point. */
  async continue(runId: string, instruction: string | null, requestedById: string | null): Promise<Run> {
    const source = await this.getFinishedRun(runId);
    if (!source.resumePoint) throw new ConflictError(`run ${source.number} left nothing to continue from`);
    return this.start(source, requestedById, { kind: 'continue', runId, turn: null, instruction });
  }

  /** Starts a run that reuses the recorded answers before `turn` and calls the model again from there. Throws InvalidError by field. */
  async fork(
    runId: string,
    { turn, model, instruction }: { turn: number; model: string | null; instruction: string | null },
    requestedById: string | null,
  ): Promise<Run> {
    const source = await this.getFinishedRun(runId);
    const recorded = await this.countRecordedTurns(source);
    if (turn < 1 || turn > recorded + 1) throw new InvalidError({ turn: `must be 1 to ${recorded + 1}` });
    if (!model && !instruction) throw new InvalidError({ instruction: 'is required unless another model is given' });
    return this.start(source, requestedById, { kind: 'fork', runId, turn, instruction }, model ?? source.model);
  }

  /** Repeats a run with its recorded answers. No model is called and nothing is delivered. */
  async replay(runId: string, requestedById: string | null): Promise<Run> {
    const source = await this.getFinishedRun(runId);
    await this.countRecordedTurns(source);
    const origin: RunOrigin = { kind: 'replay', runId, turn: null, instruction: null };
    return this.start(source, requestedById, origin, source.model);
  }

  private async getFinishedRun(runId: string): Promise<Run> {
    const run = await this.runs.findById(runId);
    if (!run) throw new NotFoundError('run', runId);
    if (!isFinal(run.status)) throw new ConflictError(`run ${run.number} is still ${run.status}`);
    return run;
  }

  private async countRecordedTurns(run: Run): Promise<number> {
    const calls = (await this.calls.findByRun(run.id)).filter((call) => call.reply !== null && turnOf(call) !== null);
    if (calls.length === 0) throw new ConflictError(`run ${run.number} has no recorded answers`);
    return calls.length;
  }

  private async start(source: Run, requestedById: string | null, origin: RunOrigin, model: string | null = null) {
    const task = await this.tasks.findById(source.taskId);
    if (!task) throw new NotFoundError('task', source.taskId);
    const all = await this.runs.findByTask(task.id);
    const active = all.find((run) => !isFinal(run.status));
    if (active)
      throw new ConflictError(`run ${active.number} of this task is still ${active.status}`, { runId: active.id });
    if (origin.kind !== 'replay') requireQueueable(task);
    const { agentType, language } = source;
    const choice = { agentType, language, reason: reasonOf(origin, source) };
    const run = newRun({
      ...{ id: this.ids.next(), now: this.clock.now(), task, attempt: all.length + 1 },
      ...{ choice, requestedById, origin, model },
    });
    const started = await this.scheduling.enqueue(run, task.status);
    if (!started) throw new ConflictError(`task ${task.number} was changed in the meantime; reload it`);
    return started;
  }
}

function requireQueueable({ number, status }: Task): void {
  if (!canMoveTask(status, 'queued')) throw new ConflictError(`task ${number} is ${status} and cannot have a new run`);
}

function reasonOf({ kind, turn }: RunOrigin, { number }: Run): string {
  if (kind === 'continue') return `Continues run ${number}.`;
  return kind === 'fork' ? `Forks run ${number} at turn ${turn}.` : `Replays run ${number}.`;
}
