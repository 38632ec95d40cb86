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

/** Runs that come from another run. */
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

  /** Goes on with the work of a run that did not finish. */
  async continue(runId: string, instruction: string | null, requestedById: string | null): Promise<Run> {
    const source = await this.ended(runId);
    if (!source.resumePoint) throw new ConflictError(`run ${source.number} left nothing to go on with`);
    return this.begin(source, requestedById, { kind: 'continue', runId, turn: null, instruction });
  }

  /** Takes the answers before `turn` from the record and asks the rest anew. Throws InvalidError by field. */
  async fork(
    runId: string,
    { turn, model, instruction }: { turn: number; model: string | null; instruction: string | null },
    requestedById: string | null,
  ): Promise<Run> {
    const source = await this.ended(runId);
    const last = await this.recordedTurns(source);
    if (turn < 1 || turn > last + 1) throw new InvalidError({ turn: `must be 1 to ${last + 1}` });
    if (!model && !instruction) throw new InvalidError({ instruction: 'must be given, or another model' });
    return this.begin(source, requestedById, { kind: 'fork', runId, turn, instruction }, model ?? source.model);
  }

  /** Plays a run again with its recorded answers: no model is asked and nothing leaves Teko. */
  async replay(runId: string, requestedById: string | null): Promise<Run> {
    const source = await this.ended(runId);
    await this.recordedTurns(source);
    const origin: RunOrigin = { kind: 'replay', runId, turn: null, instruction: null };
    return this.begin(source, requestedById, origin, source.model);
  }

  private async ended(runId: string): Promise<Run> {
    const run = await this.runs.findById(runId);
    if (!run) throw new NotFoundError('run', runId);
    if (!isFinal(run.status)) throw new ConflictError(`run ${run.number} is still ${run.status}`);
    return run;
  }

  private async recordedTurns(run: Run): Promise<number> {
    const calls = (await this.calls.findByRun(run.id)).filter((call) => call.reply !== null && turnOf(call) !== null);
    if (calls.length === 0) throw new ConflictError(`run ${run.number} has no recorded answers`);
    return calls.length;
  }

  private async begin(source: Run, requestedById: string | null, origin: RunOrigin, model: string | null = null) {
    const task = await this.tasks.findById(source.taskId);
    if (!task) throw new NotFoundError('task', source.taskId);
    const all = await this.runs.findByTask(task.id);
    const busy = all.find((run) => !isFinal(run.status));
    if (busy) throw new ConflictError(`run ${busy.number} of this task is still ${busy.status}`, { runId: busy.id });
    if (origin.kind !== 'replay') requireMovable(task);
    const { agentType, language } = source;
    const choice = { agentType, language, reason: reasonOf(origin, source) };
    const run = newRun({
      ...{ id: this.ids.next(), now: this.clock.now(), task, attempt: all.length + 1 },
      ...{ choice, requestedById, origin, model },
    });
    const begun = await this.scheduling.begin(run, task.status);
    if (!begun) throw new ConflictError(`task ${task.number} was moved by somebody else; look at it again`);
    return begun;
  }
}

function requireMovable({ number, status }: Task): void {
  if (!canMoveTask(status, 'queued')) throw new ConflictError(`task ${number} is ${status}: it takes no new run`);
}

function reasonOf({ kind, turn }: RunOrigin, { number }: Run): string {
  if (kind === 'continue') return `Goes on with the work of run ${number}.`;
  return kind === 'fork' ? `Asks run ${number} differently from turn ${turn} on.` : `Plays run ${number} again.`;
}
