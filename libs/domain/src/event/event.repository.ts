import type { NewEvent, StoredEvent } from './event';

/** The stored event log that the live streams read. */
export interface EventRepository {
  append(event: NewEvent): Promise<StoredEvent>;
  /** Returns events with an id above `afterId`, oldest first. `within` limits them to events of these repositories. */
  findAfter(afterId: number, filter: { runId?: string; within?: string[] }, limit: number): Promise<StoredEvent[]>;
  latestId(): Promise<number>;
  /** Deletes the events that are older than `before`. */
  prune(before: Date): Promise<void>;
}

export const EventRepository = Symbol('EventRepository');
