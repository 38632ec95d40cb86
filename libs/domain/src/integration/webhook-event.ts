import type { WebhookEventStatus } from '@teko/contracts';

/** A received webhook, stored before it is answered. */
export interface WebhookEvent {
  id: string;
  /** Counted up in the order of arrival. */
  number: number;
  source: 'github';
  /** The sender's own identifier of the message. */
  deliveryId: string;
  event: string;
  action: string | null;
  /** Events of one subject are handled in order. */
  subject: string;
  repositoryId: string | null;
  status: WebhookEventStatus;
  /** What was done, why it was ignored, or what went wrong. */
  detail: string | null;
  attempts: number;
  /** JSON, as it came. */
  payload: string;
  /** Not before this. */
  dueAt: Date;
  /** Until then a process has the right to handle it. */
  leasedUntil: Date | null;
  receivedAt: Date;
  handledAt: Date | null;
}
