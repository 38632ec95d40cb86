import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type BeforeApplicationShutdown,
} from '@nestjs/common';
import { AnalysisService } from '@teko/analysis';
import {
  Clock,
  DomainError,
  EventBus,
  isForgeOutage,
  isInfrastructureOutage,
  RepositoryRepository,
  RunQueue,
  RunRepository,
  sumCounts,
  TaskRepository,
  type Task,
} from '@teko/domain';
import { ExecutionService } from '@teko/execution';
import { Events, PollingLoop, TekoSettings } from '@teko/platform';
import { SchedulingService, WaitingRuns } from '@teko/scheduling';
import { deadOwnersOfThisHost } from './worker-id';

const BATCH = 20;
const SWEEP_INTERVAL_MS = 3_600_000;
const RECONCILE_INTERVAL_MS = 5_000;
/** Maximum age of a fetch to analyse a task without a new one. A run fetches again when it starts. */
const FRESH_MS = 30_000;
const RETRY_DELAY_MS = 15_000;

/** Periodic jobs that move tasks and runs forward based on the database. Events only trigger them earlier. */
@Injectable()
export class WorkerJobs implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(WorkerJobs.name);
  private readonly loop: PollingLoop;
  private started: Promise<void> = Promise.resolve();
  /** Time of the next attempt by task, for tasks that were delayed by a forge outage. */
  private readonly retryAt = new Map<string, number>();
  private lastSweep = 0;
  private lastReconciled = 0;
  private unsubscribe: () => void = () => undefined;

  constructor(
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(ExecutionService) private readonly execution: ExecutionService,
    @Inject(AnalysisService) private readonly analysis: AnalysisService,
    @Inject(SchedulingService) private readonly scheduling: SchedulingService,
    @Inject(WaitingRuns) private readonly waitingRuns: WaitingRuns,
    @Inject(RunQueue) private readonly queue: RunQueue,
    @Inject(EventBus) private readonly bus: EventBus,
    @Inject(Events) private readonly events: Events,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(TekoSettings) { TEKO_POLL_SECONDS }: TekoSettings,
  ) {
    this.loop = new PollingLoop(() => this.runJobs(), TEKO_POLL_SECONDS * 1000, this.logger);
  }

  onApplicationBootstrap(): void {
    this.unsubscribe = this.bus.subscribe((event) => {
      if (event.type === 'task' || event.type === 'repository') this.loop.wake();
    });
    this.started = this.loop.attempt('recovery', () => this.recover()).then(() => this.loop.start());
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.unsubscribe();
    await this.started;
    await this.loop.stop();
  }

  private async runJobs(): Promise<void> {
    await this.loop.attempt('lost claims', () => this.execution.releaseOrphanedClaims());
    await this.loop.attempt('lost ends', () => this.execution.cleanUpUnconfirmed());
    await this.loop.attempt('expired leases', async () => {
      const requeued = await this.runs.requeueExpired(this.clock.now(), []);
      if (requeued.length > 0) await this.scheduling.refillQueue();
    });
    await this.loop.attempt('queue', () => this.reconcileQueue());
    await this.loop.attempt('waiting runs', () => this.waitingRuns.resumeDue());
    await this.loop.attempt('blocked tasks', () => this.scheduling.unblock());
    await this.loop.attempt('old workspaces and conversations', () => this.sweep());
    await this.loop.attempt('new repositories', () => this.analysePending());
    await this.loop.attempt('new tasks', async () => {
      for (const task of await this.tasks.findByStatus('new', BATCH)) if (this.isDue(task)) await this.analyse(task);
    });
    await this.loop.attempt('analysed tasks', async () => {
      for (const task of await this.tasks.findByStatus('analysed', BATCH)) await this.scheduling.schedule(task);
    });
  }

  /** Takes over runs of dead processes of this host immediately, without waiting for their leases to expire. */
  private async recover(): Promise<void> {
    const dead = deadOwnersOfThisHost(await this.runs.leaseOwners());
    await this.runs.requeueExpired(this.clock.now(), dead);
    await this.scheduling.refillQueue();
  }

  /** Refills the queue from the database if it has lost entries, e.g. because Redis was flushed. */
  private async reconcileQueue(): Promise<void> {
    const now = this.clock.now().getTime();
    if (now - this.lastReconciled < RECONCILE_INTERVAL_MS) return;
    this.lastReconciled = now;
    const { queued = 0 } = await this.runs.countByStatus();
    if (queued > 0 && sumCounts(await this.queue.counts()).queued < queued) await this.scheduling.refillQueue();
  }

  private async sweep(): Promise<void> {
    const now = this.clock.now().getTime();
    if (now - this.lastSweep < SWEEP_INTERVAL_MS) return;
    await this.execution.sweep();
    // Set after success only, so that a failed sweep is retried soon.
    this.lastSweep = now;
  }

  private async analysePending(): Promise<void> {
    const query = {
      page: 1,
      perPage: BATCH,
      sort: 'createdAt',
      order: 'ASC' as const,
      filters: { status: ['pending'] },
    };
    for (const repository of (await this.repositories.list(query)).data) {
      await this.analysis
        .analyse(repository.id)
        .catch((error: Error) => this.logger.warn(`analysis: ${error.message}`));
      await this.events.record({
        type: 'repository',
        subjectId: repository.id,
        repositoryId: repository.id,
        taskId: null,
        runId: null,
      });
    }
  }

  private async analyse(task: Task): Promise<void> {
    try {
      await this.analysis.analyse(task.repositoryId, { freshMs: FRESH_MS });
      await this.tasks.transition(task.id, 'new', 'analysed', null);
    } catch (error) {
      if (isInfrastructureOutage(error)) throw error;
      if (isForgeOutage(error)) return this.retryLater(task, error.message);
      const reason =
        error instanceof DomainError
          ? error.message
          : 'The analysis of the repository failed; see the log for details.';
      if (!(error instanceof DomainError)) this.logger.error((error as Error).message, (error as Error).stack);
      await this.tasks.transition(task.id, 'new', 'blocked', reason);
    }
    await this.events.record({
      type: 'task',
      subjectId: task.id,
      taskId: task.id,
      repositoryId: task.repositoryId,
      runId: null,
    });
  }

  /** Retries later instead of blocking the task, because forge outages are temporary. */
  private async retryLater(task: Task, reason: string): Promise<void> {
    this.retryAt.set(task.id, this.clock.now().getTime() + RETRY_DELAY_MS);
    await this.tasks.transition(task.id, 'new', 'new', `Will be retried soon: ${reason}.`);
  }

  private isDue({ id }: Task): boolean {
    const due = (this.retryAt.get(id) ?? 0) <= this.clock.now().getTime();
    if (due) this.retryAt.delete(id);
    return due;
  }
}
