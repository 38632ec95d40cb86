import type { StoredEvent } from './event';

/** Wakes up readers of the event log, in this process or in others. Carries nothing that the log does not have. */
export interface EventBus {
  publish(event: StoredEvent): Promise<void>;
  /** Answers a function that ends the subscription. */
  subscribe(listener: (event: StoredEvent) => void): () => void;
  close(): Promise<void>;
}

export const EventBus = Symbol('EventBus');
