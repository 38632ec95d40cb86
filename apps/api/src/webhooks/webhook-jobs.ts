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

const LANES = 4;
const RETENTION_DAYS = 30;
const PRUNE_INTERVAL_MS = 3_600_000;

/** Handles stored webhooks as they come, and asks the forge now and then for those that did not. */
@Injectable()
export class WebhookJobs implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(WebhookJobs.name);
  private readonly inboxLoop: PollingLoop;
  private readonly askLoop: PollingLoop;
  private unsubscribe: () => void = () => undefined;
  private lastPrune = 0;

  constructor(
    @Inject(WebhookInbox) private readonly inbox: WebhookInbox,
    @Inject(Reconciler) private readonly reconciler: Reconciler,
    @Inject(WebhookEventRepository) private readonly events: WebhookEventRepository,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(TekoSettings) private readonly settings: TekoSettings,
  ) {
    this.inboxLoop = new PollingLoop(() => this.empty(), settings.TEKO_POLL_SECONDS * 1000, this.logger);
    const everyMs = settings.TEKO_RECONCILE_SECONDS * 1000;
    this.askLoop = new PollingLoop(() => this.ask(everyMs), Math.min(everyMs, 30_000), this.logger);
  }

  onApplicationBootstrap(): void {
    this.unsubscribe = this.inbox.onArrival(this.inboxLoop.wake);
    this.inboxLoop.start();
    this.askLoop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.unsubscribe();
    await Promise.all([this.inboxLoop.stop(), this.askLoop.stop()]);
  }

  private async empty(): Promise<void> {
    const lane = async () => {
      while (!this.inboxLoop.stopped && (await this.inbox.handleNext()));
    };
    // Side by side: a subject that the forge answers slowly holds no other up.
    await this.inboxLoop.attempt('webhooks', () => Promise.all(Array.from({ length: LANES }, lane)));
    await this.inboxLoop.attempt('old webhooks', () => this.prune());
  }

  private async ask(everyMs: number): Promise<void> {
    await this.askLoop.attempt('lost webhooks', () => this.reconciler.reconcileDue(everyMs));
  }

  private async prune(): Promise<void> {
    const now = this.clock.now().getTime();
    if (now - this.lastPrune < PRUNE_INTERVAL_MS) return;
    this.lastPrune = now;
    await this.events.prune(new Date(now - RETENTION_DAYS * 86_400_000));
  }
}
