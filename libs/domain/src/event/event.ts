import type { EventType } from '@teko/contracts';

/** Says that a row changed; readers fetch the row itself, so an event is never stale. `id` grows. */
export interface StoredEvent {
  id: number;
  type: EventType;
  subjectId: string;
  repositoryId: string | null;
  taskId: string | null;
  runId: string | null;
  createdAt: Date;
}

export type NewEvent = Omit<StoredEvent, 'id' | 'createdAt'>;
