import type { ListQuery, Page } from '@teko/contracts';
import type { WebhookEvent } from './webhook-event';

/** Stores webhooks as they came. Source and delivery are unique together. */
export interface WebhookEventRepository {
  /** False where this delivery is stored already. */
  insert(event: Omit<WebhookEvent, 'number'>): Promise<boolean>;
  findById(id: string): Promise<WebhookEvent | null>;
  /**
   * The oldest pending event whose subject has no older pending one, with the right to handle it until `now + ttlMs`;
   * null where there is none. An event whose right ended before `now` can be had again.
   */
  claim(now: Date, ttlMs: number): Promise<WebhookEvent | null>;
  update(id: string, patch: Partial<WebhookEvent>): Promise<WebhookEvent>;
  /** Sort: number, receivedAt. Filters: source, event, status, repositoryId. `q` looks in delivery, event and subject. */
  list(query: ListQuery): Promise<Page<WebhookEvent>>;
  countByStatus(): Promise<Record<string, number>>;
  /** Deletes those that were handled or ignored before then. */
  prune(before: Date): Promise<void>;
}

export const WebhookEventRepository = Symbol('WebhookEventRepository');
