import type { ListQuery, Page } from '@teko/contracts';
import type { WebhookEvent } from './webhook-event';

/** Stores received webhooks. Source and delivery id are unique together. */
export interface WebhookEventRepository {
  /** Returns false if the delivery is already stored. */
  insert(event: Omit<WebhookEvent, 'number'>): Promise<boolean>;
  findById(id: string): Promise<WebhookEvent | null>;
  /**
   * Leases the oldest pending event whose subject has no older pending event, until `now + ttlMs`. Returns null if there
   * is none. An event whose lease expired before `now` can be claimed again.
   */
  claim(now: Date, ttlMs: number): Promise<WebhookEvent | null>;
  update(id: string, patch: Partial<WebhookEvent>): Promise<WebhookEvent>;
  /** Sort: number, receivedAt. Filters: source, event, status, repositoryId. `q` searches delivery, event and subject. */
  list(query: ListQuery): Promise<Page<WebhookEvent>>;
  countByStatus(): Promise<Record<string, number>>;
  /** Deletes events that were handled or ignored before `before`. */
  prune(before: Date): Promise<void>;
}

export const WebhookEventRepository = Symbol('WebhookEventRepository');
