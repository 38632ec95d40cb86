import type { EventType } from '@teko/contracts';

/** Announces that a row changed. It has no payload: readers fetch the row, so it is never stale. Ids ascend. */
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
