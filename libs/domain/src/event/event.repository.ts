import type { NewEvent, StoredEvent } from './event';

/** The stored log behind the live streams. */
export interface EventRepository {
  append(event: NewEvent): Promise<StoredEvent>;
  /** Events with an id above `afterId`, oldest first; `within` leaves out those of other repositories and of none. */
  since(afterId: number, filter: { runId?: string; within?: string[] }, limit: number): Promise<StoredEvent[]>;
  latestId(): Promise<number>;
  prune(before: Date): Promise<void>;
}

export const EventRepository = Symbol('EventRepository');
