import { readdir } from 'node:fs/promises';
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
  isInfrastructureOutage,
  ModelError,
  UnavailableError,
  type DomainError,
  type CodebaseProfile,
  type Lease,
  type Run,
  type Task,
} from '@teko/domain';
import { unknownPriceMessage } from './loop/budget-message';
import { AGENTS } from './agents';
import { AgentLoopFactory } from './agent-loop-factory';
import { RunAborted, type RunResult, type StopCause, RunSuspended } from './run-result';
import { runResultOf } from './run-result-of';
import { Implementation } from './implementation';
import { RunJournal } from './run-journal';
import { lineageOf } from './lineage';
import { Review } from './review';
import { RunSupervisor } from './run-supervisor';
import { RunContext } from './run-context';
import { canHaveWork, requireWorkersToSurvive } from './worker-deaths';
import { ResultPublisher, ExecutionSettings, RecordEvent } from './settings';
import { replayResult } from './replay-result';
import { ConversationHistory } from './conversation-history';
import { keepWorkspace, settledWithin, sweepKeptWorkspaces, withUnsavedWork } from './unsaved-work';
import { WorkInProgress } from './work-in-progress';
import { Workspaces } from './workspaces';

/** With a first wait of one minute, all pauses together take about an hour. */
const MAX_PAUSES = 6;
/** Short after a cancellation, which must complete within five seconds. */
const SAVE_TIMEOUT_MS = { cancelled: 3_000, other: 120_000 };

/** Executes runs: claims a run, lets its agent work, and stores how it ended. */
@Injectable()
export class ExecutionService {
  private readonly logger = new Logger(ExecutionService.name);
  private readonly active = new Set<string>();
  /** Leases of runs that may have ended, though this worker could not confirm it, by run. */
  private readonly unconfirmed = new Map<string, Lease>();

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
    @Inject(ResultPublisher) private readonly delivery: ResultPublisher,
    @Inject(AgentLoopFactory) private readonly loops: AgentLoopFactory,
    @Inject(Implementation) private readonly implementation: Implementation,
    @Inject(Review) private readonly review: Review,
    @Inject(WorkInProgress) private readonly workInProgress: WorkInProgress,
    @Inject(ConversationHistory) private readonly history: ConversationHistory,
  ) {}

  /**
   * Executes a run until it ends or waits. Returns false if another worker has it or it has ended. `shutdown` interrupts it,
   * so that another worker can resume it.
   */
  async execute(runId: string, shutdown: AbortSignal): Promise<boolean> {
    if (this.active.has(runId)) return false;
    this.active.add(runId);
    try {
      return await this.executeClaimed(runId, shutdown);
    } finally {
      this.active.delete(runId);
    }
  }

  /** Releases runs that this worker has claimed but does not work on, as after a database outage during a claim. */
  async releaseOrphanedClaims(): Promise<void> {
    const { workerId } = this.settings;
    for (const { id, leaseOwner, leaseToken } of await this.runs.findRunning()) {
      if (leaseOwner !== workerId || this.active.has(id)) continue;
      await this.runs.release({ runId: id, owner: workerId, token: leaseToken }, { status: 'interrupted' });
      this.unconfirmed.delete(id);
    }
  }

  private async executeClaimed(runId: string, shutdown: AbortSignal): Promise<boolean> {
    const claimed = await this.runs.claim(runId, this.settings.workerId, this.clock.now(), this.settings.leaseTtlMs);
    if (!claimed) return false;
    const context = await this.contextOf(claimed.run, claimed.lease, shutdown);
    if (!context) return true;
    context.supervisor.start();
    try {
      await this.moveTask(context, 'running', null);
      await context.announce();
      await this.finish(context, await this.runAgent(context));
    } catch (error) {
      await this.handleError(context, error);
    } finally {
      context.supervisor.stop();
      await context.workspaces.closeAll();
    }
    return true;
  }

  /**
   * Deletes the workspaces of runs whose end was stored, though a database outage kept this worker from confirming it.
   * Others may have taken this worker for dead.
   */
  async cleanUpUnconfirmed(): Promise<void> {
    for (const [runId, lease] of this.unconfirmed) {
      await this.runs.reportAlive(lease);
      await this.removeIfEnded(runId);
      this.unconfirmed.delete(runId);
    }
  }

  /** Deletes workspaces and conversation data of runs that have ended or were deleted. */
  async sweep(): Promise<void> {
    await this.sweepWorkspaces();
    await this.history.sweep();
  }

  private async sweepWorkspaces(): Promise<void> {
    const folder = join(this.settings.home, 'workspaces');
    for (const runId of await readdir(folder).catch(() => [])) await this.removeIfEnded(runId);
    await sweepKeptWorkspaces(this.settings.home, this.clock.now(), this.sandbox);
  }

  private async removeIfEnded(runId: string): Promise<void> {
    const run = await this.runs.findById(runId);
    if (run && !isFinal(run.status)) return;
    await this.sandbox.removeFolder(join(this.settings.home, 'workspaces', runId));
  }

  private async contextOf(run: Run, lease: Lease, shutdown: AbortSignal): Promise<RunContext | null> {
    const [task, repository] = await Promise.all([
      this.tasks.findById(run.taskId),
      this.repositories.findById(run.repositoryId),
    ]);
    if (!task || !repository) return null;
    const agent = AGENTS[run.agentType];
    const elapsedMs = this.clock.now().getTime() - (run.startedAt ?? this.clock.now()).getTime() - run.waitedMs;
    const supervisor = new RunSupervisor(lease, this.runs, this.clock, {
      leaseTtlMs: this.settings.leaseTtlMs,
      wallMs: agent.limits.wallMs - elapsedMs,
      shutdown,
    });
    const journal = new RunJournal({
      run,
      lease,
      steps: this.steps,
      record: this.record,
      clock: this.clock,
      ids: this.ids,
      redact: this.settings.redact,
      isHandedOver: () => supervisor.cause === 'lease' || supervisor.cause === 'shutdown',
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
      supervisor,
      journal,
      workspaces,
      this.runs,
      this.record,
    );
  }

  private async runAgent(context: RunContext): Promise<RunResult> {
    requireWorkersToSurvive(context.run);
    await context.enterPhase('prepare', 'Preparing model, sandbox and code');
    await this.requireModel(context);
    await this.requireSandbox(context);
    const result =
      context.run.agentType === 'review'
        ? await this.review.run(context)
        : await this.implementation.run(context, await this.requireBase(context));
    return context.isReplay ? await replayResult(context, result) : result;
  }

  private async requireModel(context: RunContext): Promise<void> {
    const { run, task } = context;
    if (context.isReplay) return;
    // Only the demo task itself has recorded replies; other tasks of its repository need a model.
    const { model, fallback, missingSetting } = this.models.modelFor(run.agentType, { demo: task.source === 'demo' });
    if (!model)
      throw new RunAborted('model_missing', `No model is configured. Set ${missingSetting} and restart Teko.`);
    if (context.run.model === null) await context.update({ model });
    const unset = this.models.missingSettingFor(context.run.model!);
    if (unset) throw new RunAborted('model_missing', `${context.run.model} needs ${unset}. Set it and restart Teko.`);
    context.fallback = fallback;
    for (const name of [context.run.model!, ...(fallback ? [fallback] : [])]) this.requirePrice(name);
  }

  /** Fails early, because a model without a price is never called. */
  private requirePrice(model: string): void {
    const usage = { input: 1, cacheRead: 0, cacheWrite: 0, output: 1 };
    if (this.models.price(model, usage) === null) throw new RunAborted('price_missing', unknownPriceMessage(model));
  }

  private async requireSandbox(context: RunContext): Promise<void> {
    const reason = await this.sandbox.unavailableReason();
    if (reason) throw new RunAborted('sandbox_missing', `No sandbox is available: ${reason}.`);
    await context.update({ sandbox: this.sandbox.kind });
  }

  /** Sets the base commit, unless a resumed run has one, and returns the codebase profile for it. */
  private async requireBase(context: RunContext): Promise<CodebaseProfile> {
    const { repository, task } = context;
    const { source } = context.lineage;
    if (source?.baseCommit && context.run.baseCommit === null) {
      await this.mirrors.sync(repository);
      await context.update({ baseBranch: source.baseBranch, baseCommit: source.baseCommit });
    }
    if (context.run.baseCommit === null) {
      const { defaultBranch, headCommit } = await this.mirrors.sync(repository);
      const baseBranch = task.baseBranch ?? defaultBranch;
      const baseCommit = task.baseBranch ? await this.mirrors.resolve(repository.id, task.baseBranch) : headCommit;
      if (!baseCommit) throw new RunAborted('repository_error', `The repository has no branch ${baseBranch}.`);
      await context.update({ baseBranch, baseCommit });
    }
    const profile =
      (await this.profiles.findByCommit(repository.id, context.run.baseCommit!)) ??
      (await this.profiles.findLatest(repository.id));
    if (!profile) throw new RunAborted('repository_error', 'The repository has not been analysed yet.');
    return profile;
  }

  private async finish(context: RunContext, runResult: RunResult): Promise<void> {
    const result = await this.workInProgress.save(context, runResult);
    const { status, outcome, detail } = result;
    const outcomeDetail = this.settings.redact(detail);
    if (status === 'failed' && !context.isReplay)
      await this.delivery.report(
        { run: { ...context.run, outcome, outcomeDetail }, task: context.task },
        context.fence,
      );
    await context.journal.note(
      'end',
      'note',
      status === 'succeeded' ? 'Succeeded' : status === 'cancelled' ? 'Cancelled' : 'Failed',
      outcomeDetail,
      status === 'succeeded' ? 'done' : 'failed',
    );
    // The task first: an ended run is never resumed, so after a crash the task would keep its old status.
    await context.fence();
    await this.history.save(context.run, result);
    await this.updateTask(context, result, outcomeDetail);
    await this.runs.release(context.lease, {
      status,
      outcome,
      outcomeDetail,
      phase: null,
      finishedAt: this.clock.now(),
    });
    await context.announce();
    if (result.hasUnsavedWork) await keepWorkspace(this.settings.home, context.run.id);
    await context.workspaces.remove();
    await this.loops.deleteCheckpoints(context.run.id);
  }

  private async updateTask(context: RunContext, { status, outcome }: RunResult, reason: string): Promise<void> {
    // Whatever the outcome of a follow-up, its change stays in review.
    const isInReview = status === 'succeeded' || context.lineage.isFollowUp;
    const to = outcome === 'reviewed' ? 'done' : isInReview ? 'in_review' : status;
    await this.moveTask(context, to, reason);
  }

  private async handleError(context: RunContext, error: unknown): Promise<void> {
    const { cause } = context.supervisor;
    if (cause === 'lease' || error instanceof LeaseLostError) return this.recordLostLease(context);
    if (cause === 'shutdown') return this.handOver(context);
    if (cause === null && error instanceof RunSuspended) return this.suspend(context, error.message);
    if (cause === null && isOutage(error) && this.canWait(context)) return this.waitForOutage(context, error);
    if (cause === null && isInfrastructureOutage(error)) return this.handOver(context, error);
    if (cause === null && !(error instanceof RunAborted))
      this.logger.warn(`run ${context.run.number}: ${(error as Error).stack}`);
    try {
      const result = await this.resultWithSavedWork(context, error, cause);
      await this.finish(context, context.isReplay ? await replayResult(context, result) : result);
    } catch (last) {
      if (last instanceof LeaseLostError) return this.recordLostLease(context);
      this.unconfirmed.set(context.run.id, context.lease);
      this.logger.error(`run ${context.run.number} could not be finished: ${(last as Error).stack}`);
    }
  }

  /** Records that another worker has the run, so that the rejected writes of this one are visible. */
  private async recordLostLease({ run, lease, journal }: RunContext): Promise<void> {
    await this.runs.reportAlive(lease).catch(() => undefined);
    this.logger.warn(`run ${run.number} was passed to another worker`);
    const text = `Worker ${lease.owner} continued after its lease ${lease.token} had expired. Its later writes were rejected.`;
    await journal
      .noteWithoutLease(`refused:${lease.token}`, 'Writes without a lease were rejected', text)
      .catch(() => undefined);
  }

  /** Returns the result for the error, and saves the work of the agent if possible. */
  private async resultWithSavedWork(context: RunContext, error: unknown, cause: StopCause | null): Promise<RunResult> {
    const result = runResultOf(error, cause, context.agent);
    if (context.run.agentType !== 'implementation' || !canHaveWork(context.run)) return result;
    await context.workspaces.closeAll();
    const timeoutMs = cause === 'cancelled' ? SAVE_TIMEOUT_MS.cancelled : SAVE_TIMEOUT_MS.other;
    const saved = await settledWithin(timeoutMs, this.implementation.saveWork(context));
    if (saved instanceof Error) return withUnsavedWork(context.run.id, result, saved);
    if (saved) await context.update({ headCommit: saved });
    return result;
  }

  /** Releases the run until a human has answered. Its workspace stays, so that it can resume where it stopped. */
  private async suspend(context: RunContext, question: string): Promise<void> {
    await this.moveTask(context, 'needs_input', question);
    await this.runs.release(context.lease, { status: 'waiting', outcomeDetail: question });
    await context.announce();
  }

  private canWait({ run }: RunContext): boolean {
    return this.settings.outageWaitMs > 0 && run.pauses < MAX_PAUSES;
  }

  /** Releases the run until a retry after an outage of the model or the forge. Its workspace stays. */
  private async waitForOutage(context: RunContext, error: DomainError): Promise<void> {
    const resumeAt = new Date(this.clock.now().getTime() + this.settings.outageWaitMs * 2 ** context.run.pauses);
    const detail = `Waiting until ${resumeAt.toISOString()}: ${error.message}.`;
    const pauses = context.run.pauses + 1;
    const title = error instanceof ModelError ? 'The model does not respond' : 'The forge does not respond';
    await context.journal.note(`outage:${pauses}`, 'note', title, detail, 'failed');
    await this.moveTask(context, 'queued', detail);
    await this.runs.release(context.lease, { status: 'waiting', outcomeDetail: detail, resumeAt, pauses });
    await context.announce();
  }

  /** Releases the run for another worker. If that fails, the lease expires with the same effect. */
  private async handOver(context: RunContext, error?: Error): Promise<void> {
    if (error) this.logger.warn(`run ${context.run.number} is handed over: ${error.message}`);
    try {
      await this.runs.release(context.lease, { status: 'interrupted' });
      await context.announce();
    } catch (last) {
      this.unconfirmed.set(context.run.id, context.lease);
      this.logger.warn(`run ${context.run.number} will be resumed when its lease expires: ${(last as Error).message}`);
    }
  }

  /** Changes the status of the task if the transition is allowed. A replay never changes its task. */
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

/** Returns whether the model's provider or the forge is temporarily unavailable. */
function isOutage(error: unknown): error is ModelError | UnavailableError {
  if (error instanceof ModelError) return error.retriable;
  return isForgeOutage(error);
}
