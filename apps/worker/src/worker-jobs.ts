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
  isOwnOutage,
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
/** A run fetches again before it begins, so a flood of tasks need not. */
const FRESH_MS = 30_000;
const RETRY_DELAY_MS = 15_000;

/** Moves work forward from what the database says; events only make it look sooner. */
@Injectable()
export class WorkerJobs implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(WorkerJobs.name);
  private readonly loop: PollingLoop;
  private started: Promise<void> = Promise.resolve();
  /** When tasks that the forge held up are looked at again. */
  private readonly notBefore = new Map<string, number>();
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
    this.loop = new PollingLoop(() => this.tick(), TEKO_POLL_SECONDS * 1000, this.logger);
  }

  onApplicationBootstrap(): void {
    this.unsubscribe = this.bus.subscribe((event) => {
      if (event.type === 'task' || event.type === 'repository') this.loop.wake();
    });
    this.started = this.loop.guarded('recovery', () => this.recover()).then(() => this.loop.start());
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.unsubscribe();
    await this.started;
    await this.loop.stop();
  }

  private async tick(): Promise<void> {
    await this.loop.guarded('lost claims', () => this.execution.releaseOrphanedClaims());
    await this.loop.guarded('lost ends', () => this.execution.cleanUpUnconfirmed());
    await this.loop.guarded('expired leases', async () => {
      const requeued = await this.runs.requeueExpired(this.clock.now(), []);
      if (requeued.length > 0) await this.scheduling.refillQueue();
    });
    await this.loop.guarded('queue', () => this.reconcileQueue());
    await this.loop.guarded('waiting runs', () => this.waitingRuns.resumeDue());
    await this.loop.guarded('blocked tasks', () => this.scheduling.unblock());
    await this.loop.guarded('old workspaces and conversations', () => this.sweep());
    await this.loop.guarded('new repositories', () => this.analysePending());
    await this.loop.guarded('new tasks', async () => {
      for (const task of await this.tasks.findByStatus('new', BATCH)) if (this.mayTry(task)) await this.analyse(task);
    });
    await this.loop.guarded('analysed tasks', async () => {
      for (const task of await this.tasks.findByStatus('analysed', BATCH)) await this.scheduling.schedule(task);
    });
  }

  /** Runs of processes of this host that died are taken over at once rather than when their lease ends. */
  private async recover(): Promise<void> {
    const dead = deadOwnersOfThisHost(await this.runs.leaseOwners());
    await this.runs.requeueExpired(this.clock.now(), dead);
    await this.scheduling.refillQueue();
  }

  /** What the queue has lost, as when Redis was emptied, it gets again: the database knows who waits. */
  private async reconcileQueue(): Promise<void> {
    const now = this.clock.now().getTime();
    if (now - this.lastReconciled < RECONCILE_INTERVAL_MS) return;
    this.lastReconciled = now;
    const { queued = 0 } = await this.runs.countByStatus();
    if (queued > 0 && sumCounts(await this.queue.counts()).waiting < queued) await this.scheduling.refillQueue();
  }

  private async sweep(): Promise<void> {
    const now = this.clock.now().getTime();
    if (now - this.lastSweep < SWEEP_INTERVAL_MS) return;
    await this.execution.sweep();
    // What could not be removed is tried again soon.
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
      if (isOwnOutage(error)) throw error;
      if (isForgeOutage(error)) return this.tryLater(task, error.message);
      const reason =
        error instanceof DomainError ? error.message : 'The analysis of the repository failed; the log says more.';
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

  /** A forge that is away for a while blocks nothing for good. */
  private async tryLater(task: Task, reason: string): Promise<void> {
    this.notBefore.set(task.id, this.clock.now().getTime() + RETRY_DELAY_MS);
    await this.tasks.transition(task.id, 'new', 'new', `Tried again soon: ${reason}.`);
  }

  private mayTry({ id }: Task): boolean {
    const due = (this.notBefore.get(id) ?? 0) <= this.clock.now().getTime();
    if (due) this.notBefore.delete(id);
    return due;
  }
}
