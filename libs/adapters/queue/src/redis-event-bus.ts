import type { StoredEvent } from '@teko/domain';
import { Redis } from 'ioredis';
import { InProcessEventBus } from './event-bus';

/** Delivers events to all processes on the same Redis. A lost message only delays a reader until it polls the next time. */
export class RedisEventBus extends InProcessEventBus {
  private readonly publisher: Redis;
  private readonly subscriber: Redis;
  readonly ready: Promise<unknown>;

  constructor(
    url: string,
    private readonly channel = 'teko:events',
  ) {
    super();
    this.publisher = new Redis(url, { enableOfflineQueue: false });
    this.subscriber = new Redis(url);
    for (const connection of [this.publisher, this.subscriber]) connection.on('error', () => undefined);
    this.ready = Promise.all([
      this.subscriber.subscribe(channel),
      new Promise((resolve) => this.publisher.once('ready', resolve)),
    ]);
    this.ready.catch(() => undefined);
    this.subscriber.on('message', (_channel, text) => this.deliver(parseEvent(text)));
  }

  override async publish(event: StoredEvent): Promise<void> {
    await this.publisher.publish(this.channel, JSON.stringify(event)).catch(() => this.deliver(event));
  }

  override async close(): Promise<void> {
    await super.close();
    this.publisher.disconnect();
    this.subscriber.disconnect();
  }
}

function parseEvent(text: string): StoredEvent {
  const event = JSON.parse(text) as StoredEvent;
  return { ...event, createdAt: new Date(event.createdAt) };
}
