import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Clock, WebhookEventRepository } from '@teko/domain';
import { Reconciler, WebhookInbox } from '@teko/intake';
import { PollingLoop, TekoSettings } from '@teko/platform';

const CONCURRENCY = 4;
const RETENTION_DAYS = 30;
const PRUNE_INTERVAL_MS = 3_600_000;

/** Processes stored webhooks as they arrive, and periodically reconciles with the forge to find missed events. */
@Injectable()
export class WebhookJobs implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(WebhookJobs.name);
  private readonly inboxLoop: PollingLoop;
  private readonly reconcileLoop: PollingLoop;
  private unsubscribe: () => void = () => undefined;
  private lastPrune = 0;

  constructor(
    @Inject(WebhookInbox) private readonly inbox: WebhookInbox,
    @Inject(Reconciler) private readonly reconciler: Reconciler,
    @Inject(WebhookEventRepository) private readonly events: WebhookEventRepository,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(TekoSettings) private readonly settings: TekoSettings,
  ) {
    this.inboxLoop = new PollingLoop(() => this.processInbox(), settings.TEKO_POLL_SECONDS * 1000, this.logger);
    const intervalMs = settings.TEKO_RECONCILE_SECONDS * 1000;
    this.reconcileLoop = new PollingLoop(() => this.reconcile(intervalMs), Math.min(intervalMs, 30_000), this.logger);
  }

  onApplicationBootstrap(): void {
    this.unsubscribe = this.inbox.onArrival(this.inboxLoop.wake);
    this.inboxLoop.start();
    this.reconcileLoop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.unsubscribe();
    await Promise.all([this.inboxLoop.stop(), this.reconcileLoop.stop()]);
  }

  private async processInbox(): Promise<void> {
    const worker = async () => {
      while (!this.inboxLoop.stopped && (await this.inbox.handleNext()));
    };
    // In parallel, so that one subject with slow forge responses does not delay the others.
    await this.inboxLoop.attempt('webhooks', () => Promise.all(Array.from({ length: CONCURRENCY }, worker)));
    await this.inboxLoop.attempt('old webhooks', () => this.prune());
  }

  private async reconcile(intervalMs: number): Promise<void> {
    await this.reconcileLoop.attempt('missed events', () => this.reconciler.reconcileDue(intervalMs));
  }

  private async prune(): Promise<void> {
    const now = this.clock.now().getTime();
    if (now - this.lastPrune < PRUNE_INTERVAL_MS) return;
    this.lastPrune = now;
    await this.events.prune(new Date(now - RETENTION_DAYS * 86_400_000));
  }
}
