import { WEBHOOK_EVENT_STATUSES, type WebhookEventStatus } from '@teko/contracts';
import type { WebhookEvent } from '@teko/domain';
import { Id, Num, OneOf, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

const SOURCES = ['github'] as const satisfies readonly WebhookEvent['source'][];

/** A received webhook delivery. */
export class WebhookEventDto implements Omit<WebhookEvent, 'payload' | 'leaseExpiresAt'> {
  @Id('Unique ID.') id: string;
  @Num('Sequential number in order of arrival.', 12) number: number;
  @OneOf(SOURCES, 'Service that sent it.') source: WebhookEvent['source'];
  @Text("The sender's delivery ID.", '72d3162e-cc78-11e3-81ab-4c9367dc0958') deliveryId: string;
  @Text('Name of the event.', 'issues') event: string;
  @Text('Action of the event.', 'labeled', { nullable: true }) action: string | null;
  @Text('Webhooks with the same subject are handled in order.', 'github:186853002:41') subject: string;
  @Id('ID of the repository; null if it is not about a managed one.', { nullable: true }) repositoryId: string | null;
  @OneOf(WEBHOOK_EVENT_STATUSES, 'Current status.', { example: 'handled' }) status: WebhookEventStatus;
  @Text('The result, the reason it was ignored, or the error.', 'Task 12 was created for octocat.', { nullable: true })
  detail: string | null;
  @Num('Number of attempts.', 1) attempts: number;
  @When('When the next attempt is due.') dueAt: Date;
  @When('When it was received.') receivedAt: Date;
  @When('When it was handled.', { nullable: true }) handledAt: Date | null;
}

/** A received webhook delivery with its payload. */
export class WebhookEventWithPayloadDto extends WebhookEventDto {
  @Text('JSON payload with secrets redacted.', '{"action":"labeled"}') payload: string;
}

export class WebhookEventListQuery extends listQueryOf({
  sort: ['number', 'receivedAt'],
  order: 'DESC',
  search: 'Searches in delivery ID, event and subject.',
  filters: { source: SOURCES, event: null, status: WEBHOOK_EVENT_STATUSES, repositoryId: null },
}) {}

export function toWebhookEventDto(event: WebhookEvent): WebhookEventDto {
  const { payload: _payload, leaseExpiresAt: _leasedUntil, ...shown } = event;
  return shown;
}
