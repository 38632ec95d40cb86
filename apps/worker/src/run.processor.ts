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

/** Works on a run whenever the queue says that there is one, as many side by side as the settings allow. */
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
    for (const agentType of AGENT_TYPES) {
      this.queue.process(agentType, this.concurrency(agentType), (runId) => this.handle(agentType, runId));
    }
  }

  /** Running runs save what they have and are handed over. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort('shutdown');
    await this.queue.close();
  }

  /** An id from the queue only says that there is work: the database says which run is next. */
  private async handle(agentType: AgentType, woken: string): Promise<void> {
    for (let tries = 0; tries < MAX_ATTEMPTS && !this.stopping.signal.aborted; tries++) {
      const runId = await this.scheduling.next(agentType, this.settings.TEKO_REPOSITORY_CONCURRENCY || null);
      if (!runId) return this.scheduling.requeueLater(woken);
      if (await this.worked(runId)) return;
    }
  }

  private concurrency(agentType: AgentType): number {
    const { TEKO_CONCURRENCY, TEKO_CONCURRENCY_IMPLEMENTATION, TEKO_CONCURRENCY_REVIEW } = this.settings;
    const own = { implementation: TEKO_CONCURRENCY_IMPLEMENTATION, review: TEKO_CONCURRENCY_REVIEW };
    return own[agentType] ?? TEKO_CONCURRENCY;
  }

  /** False where another worker was first. */
  private async worked(runId: string): Promise<boolean> {
    try {
      return await this.execution.execute(runId, this.stopping.signal);
    } catch (error) {
      this.logger.error(`run ${runId}: ${(error as Error).message}`, (error as Error).stack);
      return true;
    }
  }
}
