import { setMaxListeners } from 'node:events';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type BeforeApplicationShutdown,
} from '@nestjs/common';
import { AGENT_TYPES, type AgentType } from '@teko/contracts';
import { RunQueue } from '@teko/domain';
import { ExecutionService } from '@teko/execution';
import { TekoSettings } from '@teko/platform';
import { SchedulingService } from '@teko/scheduling';

const MAX_ATTEMPTS = 20;

/** Executes queued runs, as many in parallel as the settings allow. */
@Injectable()
export class RunProcessor implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(RunProcessor.name);
  private readonly stopping = new AbortController();

  constructor(
    @Inject(RunQueue) private readonly queue: RunQueue,
    @Inject(SchedulingService) private readonly scheduling: SchedulingService,
    @Inject(ExecutionService) private readonly execution: ExecutionService,
    @Inject(TekoSettings) private readonly settings: TekoSettings,
  ) {}

  onApplicationBootstrap(): void {
    // Each active run listens for the shutdown.
    setMaxListeners(0, this.stopping.signal);
    for (const agentType of AGENT_TYPES) {
      this.queue.process(agentType, this.concurrency(agentType), (runId) => this.handle(agentType, runId));
    }
  }

  /** Aborts active runs, which save their work and are queued again. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort('shutdown');
    await this.queue.close();
  }

  /** An id from the queue only signals that there is work. The database decides which run is next. */
  private async handle(agentType: AgentType, queuedRunId: string): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS && !this.stopping.signal.aborted; attempt++) {
      const runId = await this.scheduling.next(agentType, this.settings.TEKO_REPOSITORY_CONCURRENCY || null);
      if (!runId) return this.scheduling.requeueLater(queuedRunId);
      if (await this.execute(runId)) return;
    }
  }

  private concurrency(agentType: AgentType): number {
    const { TEKO_CONCURRENCY, TEKO_CONCURRENCY_IMPLEMENTATION, TEKO_CONCURRENCY_REVIEW } = this.settings;
    const byAgentType = { implementation: TEKO_CONCURRENCY_IMPLEMENTATION, review: TEKO_CONCURRENCY_REVIEW };
    return byAgentType[agentType] ?? TEKO_CONCURRENCY;
  }

  /** Returns false if another worker claimed the run first. */
  private async execute(runId: string): Promise<boolean> {
    try {
      return await this.execution.execute(runId, this.stopping.signal);
    } catch (error) {
      this.logger.error(`run ${runId}: ${(error as Error).message}`, (error as Error).stack);
      return true;
    }
  }
}
