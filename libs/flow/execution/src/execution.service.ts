import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  canMoveTask,
  Clock,
  CodebaseProfileRepository,
  GitMirrors,
  Ids,
  LanguageModels,
  LeaseLostError,
  RepositoryRepository,
  RunRepository,
  Sandbox,
  StepRepository,
  TaskRepository,
  isFinal,
  isForgeOutage,
  isOwnOutage,
  ModelError,
  UnavailableError,
  type DomainError,
  type CodebaseProfile,
  type Lease,
  type Run,
  type Task,
} from '@teko/domain';
import { unknownPrice } from './agent/budget-message';
import { AGENTS } from './agents';
import { Conversations } from './conversation';
import { RunAborted, type RunResult, type StopCause, RunSuspended } from './run-result';
import { runResultOf } from './run-result-of';
import { Implementation } from './implementation';
import { Journal } from './journal';
import { lineageOf } from './lineage';
import { Review } from './review';
import { RunSupervisor } from './run-supervisor';
import { RunContext } from './run-context';
import { Delivery, ExecutionSettings, RecordEvent } from './settings';
import { replayEnding } from './replay';
import { ConversationHistory } from './conversation-history';
import { WorkInProgress } from './work-in-progress';
import { Workspaces } from './workspaces';

/** With the first wait of a minute that is about an hour. */
const MAX_PAUSES = 6;
/** A cancel has five seconds for all of it; else the work is worth some time. */
const SAVE_TIMEOUT_MS = { cancelled: 3_000, other: 120_000 };

/** Works on one run: takes the right to it, lets its agent work, and writes down how it ended. */
@Injectable()
export class ExecutionService {
  private readonly logger = new Logger(ExecutionService.name);
  private readonly active = new Set<string>();
  /** Runs that this worker left without knowing whether they are over. */
  private readonly unclear = new Set<string>();

  constructor(
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(CodebaseProfileRepository) private readonly profiles: CodebaseProfileRepository,
    @Inject(StepRepository) private readonly steps: StepRepository,
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
    @Inject(LanguageModels) private readonly models: LanguageModels,
    @Inject(Sandbox) private readonly sandbox: Sandbox,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(ExecutionSettings) private readonly settings: ExecutionSettings,
    @Inject(RecordEvent) private readonly record: RecordEvent,
    @Inject(Delivery) private readonly delivery: Delivery,
    @Inject(Conversations) private readonly conversations: Conversations,
    @Inject(Implementation) private readonly implementation: Implementation,
    @Inject(Review) private readonly review: Review,
    @Inject(WorkInProgress) private readonly workInProgress: WorkInProgress,
    @Inject(ConversationHistory) private readonly threads: ConversationHistory,
  ) {}

  /** False, and nothing is done, when another worker has the run or it is over. `shutdown` hands it over unfinished. */
  async execute(runId: string, shutdown: AbortSignal): Promise<boolean> {
    if (this.active.has(runId)) return false;
    this.active.add(runId);
    try {
      return await this.executeClaimed(runId, shutdown);
    } finally {
      this.active.delete(runId);
    }
  }

  /** Gives back what this worker holds and does not work on, as when the database broke off while it answered a claim. */
  async giveBackUnclaimed(): Promise<void> {
    const { workerId } = this.settings;
    for (const { id, leaseOwner, leaseToken } of await this.runs.findRunning()) {
      if (leaseOwner !== workerId || this.active.has(id)) continue;
      await this.runs.release({ runId: id, owner: workerId, token: leaseToken }, { status: 'interrupted' });
    }
  }

  private async executeClaimed(runId: string, shutdown: AbortSignal): Promise<boolean> {
    const claimed = await this.runs.claim(runId, this.settings.workerId, this.clock.now(), this.settings.leaseTtlMs);
    if (!claimed) return false;
    const scope = await this.scopeOf(claimed.run, claimed.lease, shutdown);
    if (!scope) return true;
    scope.control.start();
    try {
      await this.moveTask(scope, 'running', null);
      await scope.announce();
      const ending = await this.work(scope);
      await this.end(scope, ending);
    } catch (error) {
      await this.endBadly(scope, error);
    } finally {
      scope.control.end();
      await scope.workspaces.closeAll();
    }
    return true;
  }

  /** Tidies up after runs whose end was written, though the database broke off before this worker heard of it. */
  async tidyUnclear(): Promise<void> {
    for (const runId of this.unclear) {
      await this.removeIfOver(runId);
      this.unclear.delete(runId);
    }
  }

  /** Removes what is left of runs that are over or gone: of those that were cancelled while they waited, or died at their end. */
  async sweep(): Promise<void> {
    await this.sweepWorkspaces();
    await this.threads.sweep();
  }

  private async sweepWorkspaces(): Promise<void> {
    const folder = join(this.settings.home, 'workspaces');
    for (const runId of await readdir(folder).catch(() => [])) await this.removeIfOver(runId);
  }

  private async removeIfOver(runId: string): Promise<void> {
    const run = await this.runs.findById(runId);
    if (run && !isFinal(run.status)) return;
    await rm(join(this.settings.home, 'workspaces', runId), { recursive: true, force: true });
  }

  private async scopeOf(run: Run, lease: Lease, shutdown: AbortSignal): Promise<RunContext | null> {
    const [task, repository] = await Promise.all([
      this.tasks.findById(run.taskId),
      this.repositories.findById(run.repositoryId),
    ]);
    if (!task || !repository) return null;
    const agent = AGENTS[run.agentType];
    const worked = this.clock.now().getTime() - (run.startedAt ?? this.clock.now()).getTime() - run.waitedMs;
    const control = new RunSupervisor(lease, this.runs, this.clock, {
      leaseTtlMs: this.settings.leaseTtlMs,
      wallMs: agent.limits.wallMs - worked,
      shutdown,
    });
    const journal = new Journal({
      run,
      lease,
      steps: this.steps,
      record: this.record,
      clock: this.clock,
      ids: this.ids,
      redact: this.settings.redact,
      passedOn: () => control.cause === 'lease' || control.cause === 'shutdown',
    });
    const workspaces = new Workspaces(this.settings.home, run, this.mirrors, this.sandbox, this.settings.sandboxLimits);
    const lineage = await lineageOf(run, this.runs);
    return new RunContext(
      run,
      lease,
      task,
      lineage,
      repository,
      agent,
      control,
      journal,
      workspaces,
      this.runs,
      this.record,
    );
  }

  private async work(scope: RunContext): Promise<RunResult> {
    await scope.phase('prepare', 'Preparing model, sandbox and code');
    await this.requireModel(scope);
    await this.requireSandbox(scope);
    const ending =
      scope.run.agentType === 'review'
        ? await this.review.work(scope)
        : await this.implementation.work(scope, await this.requireBase(scope));
    return scope.isReplay ? await replayEnding(scope, ending) : ending;
  }

  private async requireModel(scope: RunContext): Promise<void> {
    const { run, task } = scope;
    // What a user asks of the demo's repository needs a model.
    if (scope.isReplay) return;
    const { model, fallback, missing } = this.models.modelFor(run.agentType, { demo: task.source === 'demo' });
    if (!model) throw new RunAborted('model_missing', `No model is set up: set ${missing} and start Teko again.`);
    if (scope.run.model === null) await scope.update({ model });
    const unset = this.models.missingFor(scope.run.model!);
    if (unset) throw new RunAborted('model_missing', `${scope.run.model} needs ${unset}: set it and start Teko again.`);
    scope.fallback = fallback;
    for (const name of [scope.run.model!, ...(fallback ? [fallback] : [])]) this.requirePrice(name);
  }

  /** Before any work is done: a model without a price is never asked. */
  private requirePrice(model: string): void {
    const usage = { input: 1, cacheRead: 0, cacheWrite: 0, output: 1 };
    if (this.models.price(model, usage) === null) throw new RunAborted('price_missing', unknownPrice(model));
  }

  private async requireSandbox(scope: RunContext): Promise<void> {
    const reason = await this.sandbox.unavailableReason();
    if (reason) throw new RunAborted('sandbox_missing', `There is no sandbox to work in: ${reason}.`);
    await scope.update({ sandbox: this.sandbox.kind });
  }

  /** Fixes the commit that the work starts from; a resumed run keeps its own. */
  private async requireBase(scope: RunContext): Promise<CodebaseProfile> {
    const { repository, task } = scope;
    const { source } = scope.lineage;
    if (source?.baseCommit && scope.run.baseCommit === null) {
      await this.mirrors.sync(repository);
      await scope.update({ baseBranch: source.baseBranch, baseCommit: source.baseCommit });
    }
    if (scope.run.baseCommit === null) {
      const { defaultBranch, headCommit } = await this.mirrors.sync(repository);
      const baseBranch = task.baseBranch ?? defaultBranch;
      const baseCommit = task.baseBranch ? await this.mirrors.resolve(repository.id, task.baseBranch) : headCommit;
      if (!baseCommit) throw new RunAborted('repository_error', `The repository has no branch ${baseBranch}.`);
      await scope.update({ baseBranch, baseCommit });
    }
    const profile =
      (await this.profiles.findByCommit(repository.id, scope.run.baseCommit!)) ??
      (await this.profiles.findLatest(repository.id));
    if (!profile) throw new RunAborted('repository_error', 'The repository was not analysed yet.');
    return profile;
  }

  private async end(scope: RunContext, found: RunResult): Promise<void> {
    const ending = await this.workInProgress.keep(scope, found);
    const { status, outcome, detail } = ending;
    const outcomeDetail = this.settings.redact(detail);
    if (status === 'failed' && !scope.isReplay)
      await this.delivery.report({ run: { ...scope.run, outcome, outcomeDetail }, task: scope.task }, scope.fence);
    await scope.journal.note(
      'end',
      'note',
      status === 'succeeded' ? 'Succeeded' : status === 'cancelled' ? 'Cancelled' : 'Failed',
      outcomeDetail,
      status === 'succeeded' ? 'done' : 'failed',
    );
    // The task first: a run that is over is not taken up again, so a death after it would leave the task where it was.
    await scope.fence();
    await this.threads.keep(scope.run, ending);
    await this.settleTask(scope, ending, outcomeDetail);
    await this.runs.release(scope.lease, { status, outcome, outcomeDetail, phase: null, finishedAt: this.clock.now() });
    await scope.announce();
    await scope.workspaces.remove();
    await this.conversations.forget(scope.run.id);
  }

  private async settleTask(scope: RunContext, { status, outcome }: RunResult, reason: string): Promise<void> {
    // What became of a follow-up, its change is in review as before.
    const isInReview = status === 'succeeded' || scope.lineage.isFollowUp;
    const to = outcome === 'reviewed' ? 'done' : isInReview ? 'in_review' : status;
    await this.moveTask(scope, to, reason);
  }

  private async endBadly(scope: RunContext, error: unknown): Promise<void> {
    const { cause } = scope.control;
    if (cause === 'lease' || error instanceof LeaseLostError) return this.refused(scope);
    if (cause === 'shutdown') return this.handOver(scope);
    if (cause === null && error instanceof RunSuspended) return this.wait(scope, error.message);
    if (cause === null && isOutage(error) && this.mayWait(scope)) return this.waitForOutside(scope, error);
    if (cause === null && isOwnOutage(error)) return this.handOver(scope, error);
    if (cause === null && !(error instanceof RunAborted))
      this.logger.warn(`run ${scope.run.number}: ${(error as Error).stack}`);
    try {
      const ending = await this.endingWithWork(scope, error, cause);
      await this.end(scope, scope.isReplay ? await replayEnding(scope, ending) : ending);
    } catch (last) {
      if (last instanceof LeaseLostError) return this.refused(scope);
      this.unclear.add(scope.run.id);
      this.logger.error(`run ${scope.run.number} could not be ended: ${(last as Error).stack}`);
    }
  }

  /** Another worker has the run by now: this one's writes are refused, and people can see that. */
  private async refused({ run, lease, journal }: RunContext): Promise<void> {
    this.logger.warn(`run ${run.number} passed to another worker`);
    const said = `Worker ${lease.owner} came back after its lease ${lease.token} had ended. Nothing that it did from then on counts.`;
    await journal.late(`refused:${lease.token}`, 'A late worker was refused', said).catch(() => undefined);
  }

  /** What the agent did is saved where it can be, whatever ended the run. */
  private async endingWithWork(scope: RunContext, error: unknown, cause: StopCause | null): Promise<RunResult> {
    const ending = runResultOf(error, cause, scope.agent);
    if (scope.run.agentType !== 'implementation' || scope.run.phase === 'prepare') return ending;
    await scope.workspaces.closeAll();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>(
      (resolve) =>
        (timer = setTimeout(
          () => resolve(null),
          cause === 'cancelled' ? SAVE_TIMEOUT_MS.cancelled : SAVE_TIMEOUT_MS.other,
        )),
    );
    const headCommit = await Promise.race([this.implementation.saveWork(scope).catch(() => null), late]).finally(() =>
      clearTimeout(timer),
    );
    if (!headCommit) return ending;
    await scope.update({ headCommit });
    return ending;
  }

  /** The workspace stays, so that the run goes on where it stopped. */
  private async wait(scope: RunContext, question: string): Promise<void> {
    await this.moveTask(scope, 'needs_input', question);
    await this.runs.release(scope.lease, { status: 'waiting', outcomeDetail: question });
    await scope.announce();
  }

  private mayWait({ run }: RunContext): boolean {
    return this.settings.outageWaitMs > 0 && run.pauses < MAX_PAUSES;
  }

  /** An outage of the model's provider or of the forge holds the run up and no worker; the workspace stays. */
  private async waitForOutside(scope: RunContext, error: DomainError): Promise<void> {
    const resumeAt = new Date(this.clock.now().getTime() + this.settings.outageWaitMs * 2 ** scope.run.pauses);
    const detail = `Waits until ${resumeAt.toISOString()}: ${error.message}.`;
    const pauses = scope.run.pauses + 1;
    const title = error instanceof ModelError ? 'The model does not answer' : 'The forge does not answer';
    await scope.journal.note(`outage:${pauses}`, 'note', title, detail, 'failed');
    await this.moveTask(scope, 'queued', detail);
    await this.runs.release(scope.lease, { status: 'waiting', outcomeDetail: detail, resumeAt, pauses });
    await scope.announce();
  }

  /** Somebody goes on with it; where even this cannot be written, the end of the lease says the same. */
  private async handOver(scope: RunContext, error?: Error): Promise<void> {
    if (error) this.logger.warn(`run ${scope.run.number} is handed over: ${error.message}`);
    try {
      await this.runs.release(scope.lease, { status: 'interrupted' });
      await scope.announce();
    } catch (last) {
      this.unclear.add(scope.run.id);
      this.logger.warn(`run ${scope.run.number} is taken up again when its lease ends: ${(last as Error).message}`);
    }
  }

  /** Of a replay the task knows nothing. */
  private async moveTask({ task: { id }, isReplay }: RunContext, to: Task['status'], reason: string | null) {
    const task = await this.tasks.findById(id);
    if (!task || isReplay || task.status === to || !canMoveTask(task.status, to)) return;
    await this.tasks.transition(task.id, task.status, to, reason);
    await this.record({
      type: 'task',
      subjectId: task.id,
      taskId: task.id,
      repositoryId: task.repositoryId,
      runId: null,
    });
  }
}

/** The model's provider or the forge is away for a while. */
function isOutage(error: unknown): error is ModelError | UnavailableError {
  if (error instanceof ModelError) return error.retriable;
  return isForgeOutage(error);
}
