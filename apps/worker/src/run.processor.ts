import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { RunQueue } from '@teko/domain';
import { ExecutionService } from '@teko/execution';
import { TekoSettings } from '@teko/platform';

/** Takes run ids from the queue and lets the execution stage do the rest. */
@Injectable()
export class RunProcessor implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(RunProcessor.name);
  private readonly stopping = new AbortController();

  constructor(
    @Inject(RunQueue) private readonly queue: RunQueue,
    @Inject(ExecutionService) private readonly execution: ExecutionService,
    @Inject(TekoSettings) private readonly settings: TekoSettings,
  ) {}

  onApplicationBootstrap(): void {
    this.queue.process(this.settings.TEKO_CONCURRENCY, (runId) => this.handle(runId));
  }

  /** Running runs save what they have and are handed over. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort('shutdown');
    await this.queue.close();
  }

  private async handle(runId: string): Promise<void> {
    try {
      await this.execution.execute(runId, this.stopping.signal);
    } catch (error) {
      this.logger.error(`run ${runId}: ${(error as Error).message}`, (error as Error).stack);
    }
  }
}
