import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { EventBus } from '@teko/domain';
import { CommentPublisher } from '@teko/feedback';
import { PollingLoop, TekoSettings } from '@teko/platform';
import { FollowUps } from '@teko/scheduling';

/** Jobs that call forges, in a separate loop, so that a slow forge does not delay other jobs. */
@Injectable()
export class IntegrationJobs implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: PollingLoop;
  private unsubscribe: () => void = () => undefined;

  constructor(
    @Inject(CommentPublisher) private readonly publisher: CommentPublisher,
    @Inject(FollowUps) private readonly followUps: FollowUps,
    @Inject(EventBus) private readonly bus: EventBus,
    @Inject(TekoSettings) private readonly settings: TekoSettings,
  ) {
    this.loop = new PollingLoop(
      () => this.runJobs(),
      settings.TEKO_POLL_SECONDS * 1000,
      new Logger(IntegrationJobs.name),
    );
  }

  onApplicationBootstrap(): void {
    this.unsubscribe = this.bus.subscribe(({ type }) => {
      if (type === 'comment') this.loop.wake();
    });
    this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.unsubscribe();
    await this.loop.stop();
  }

  private async runJobs(): Promise<void> {
    await this.loop.attempt('comments to publish', () => this.publisher.publishDue());
    await this.loop.attempt('follow-ups', () => this.followUps.startDue(this.settings.TEKO_FOLLOW_UP_SECONDS * 1000));
  }
}
