import type { EventBus, StoredEvent } from '@teko/domain';

type Listener = (event: StoredEvent) => void;

/** Delivers events to subscribers in this process. */
export class InProcessEventBus implements EventBus {
  protected readonly listeners = new Set<Listener>();

  async publish(event: StoredEvent): Promise<void> {
    this.deliver(event);
  }

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.listeners.clear();
  }

  protected deliver(event: StoredEvent): void {
    for (const listener of [...this.listeners]) listener(event);
  }
}

/** Creates an event bus on Redis, or an in-process one if there is no URL. */
export async function createEventBus(redisUrl?: string): Promise<EventBus> {
  if (!redisUrl) return new InProcessEventBus();
  const { RedisEventBus } = await import('./redis-event-bus');
  return new RedisEventBus(redisUrl);
}
