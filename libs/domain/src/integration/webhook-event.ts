import type { WebhookEventStatus } from '@teko/contracts';

/** A webhook delivery. It is stored before the request is answered. */
export interface WebhookEvent {
  id: string;
  /** Sequence number in order of arrival. */
  number: number;
  source: 'github';
  /** The sender's id of the delivery. */
  deliveryId: string;
  event: string;
  action: string | null;
  /** Events with the same subject are handled in order. */
  subject: string;
  repositoryId: string | null;
  status: WebhookEventStatus;
  /** The result, the reason it was ignored, or the error. */
  detail: string | null;
  attempts: number;
  /** The JSON body as received. */
  payload: string;
  /** The event is not handled before this time. */
  dueAt: Date;
  /** End of the lease of the process that handles the event; null if none does. */
  leaseExpiresAt: Date | null;
  receivedAt: Date;
  handledAt: Date | null;
}
