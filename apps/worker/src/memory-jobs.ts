import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { IndexingService } from '@teko/analysis';
import { Clock, EventBus } from '@teko/domain';
import { Events, PollingLoop, TekoSettings } from '@teko/platform';
import { deadOwnersOfThisHost, WORKER_ID } from './worker-id';

const REPAIR_INTERVAL_MS = 15_000;

/** Indexes fetched repositories one after the other, in a separate loop from the task jobs. */
@Injectable()
export class MemoryJobs implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: PollingLoop;
  private readonly stopping = new AbortController();
  private unsubscribe: () => void = () => undefined;
  private started: Promise<void> = Promise.resolve();
  private lastRepair = 0;

  constructor(
    @Inject(IndexingService) private readonly indexing: IndexingService,
    @Inject(EventBus) private readonly bus: EventBus,
    @Inject(Events) private readonly events: Events,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(TekoSettings) { TEKO_POLL_SECONDS }: TekoSettings,
  ) {
    this.loop = new PollingLoop(() => this.runJobs(), TEKO_POLL_SECONDS * 1000, new Logger(MemoryJobs.name));
  }

  onApplicationBootstrap(): void {
    this.unsubscribe = this.bus.subscribe(({ type }) => {
      if (type === 'repository') this.loop.wake();
    });
    this.started = this.loop
      .attempt('recovery', () => this.indexing.releaseDeadLeases(deadOwnersOfThisHost))
      .then(() => this.loop.start());
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.unsubscribe();
    this.stopping.abort('shutdown');
    await this.started;
    await this.loop.stop();
  }

  private async runJobs(): Promise<void> {
    await this.loop.attempt('index repair', () => this.repair());
    await this.loop.attempt('indexes', () => this.indexAll());
  }

  private async indexAll(): Promise<void> {
    while (!this.loop.stopped) {
      const repositoryId = await this.indexing.indexNext(WORKER_ID, this.stopping.signal);
      if (!repositoryId) return;
      const about = { subjectId: repositoryId, repositoryId, taskId: null, runId: null };
      await this.events.record({ type: 'repository', ...about });
    }
  }

  private async repair(): Promise<void> {
    const now = this.clock.now().getTime();
    if (now - this.lastRepair < REPAIR_INTERVAL_MS) return;
    this.lastRepair = now;
    await this.indexing.requestRepairs();
  }
}
