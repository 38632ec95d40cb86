import type { StoredEvent } from '@teko/domain';
import { Redis } from 'ioredis';
import { InProcessEventBus } from './event-bus';
import { keepSubscribed } from './keep-subscribed';
import { redisAddress } from './redis-url';

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
    const address = redisAddress(url);
    this.publisher = new Redis({ ...address, enableOfflineQueue: false });
    this.subscriber = new Redis({ ...address, maxRetriesPerRequest: null });
    for (const connection of [this.publisher, this.subscriber]) connection.on('error', () => undefined);
    const { subscriber, publisher } = this;
    keepSubscribed(subscriber);
    this.ready = Promise.all([
      subscriber.subscribe(channel),
      new Promise((resolve) => publisher.once('ready', resolve)),
    ]);
    this.ready.catch(() => undefined);
    subscriber.on('message', (_channel, text) => {
      const event = parseEvent(text);
      if (event) this.deliver(event);
    });
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

/** Returns null for what Teko did not publish. */
function parseEvent(text: string): StoredEvent | null {
  try {
    const event = JSON.parse(text) as StoredEvent;
    return { ...event, createdAt: new Date(event.createdAt) };
  } catch {
    return null;
  }
}
