import type { StoredEvent } from './event';

/** Notifies readers of the event log, in this process and in others. The log is the truth; a missed notification is harmless. */
export interface EventBus {
  publish(event: StoredEvent): Promise<void>;
  /** Returns a function that ends the subscription. */
  subscribe(listener: (event: StoredEvent) => void): () => void;
  close(): Promise<void>;
}

export const EventBus = Symbol('EventBus');
