import { WEBHOOK_EVENT_STATUSES, type WebhookEventStatus } from '@teko/contracts';
import type { WebhookEvent } from '@teko/domain';
import { Id, Num, OneOf, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

const SOURCES = ['github'] as const satisfies readonly WebhookEvent['source'][];

/** A webhook that was received. */
export class WebhookEventDto implements Omit<WebhookEvent, 'payload' | 'leasedUntil'> {
  @Id('Identifier.') id: string;
  @Num('Counted up in the order of arrival.', 12) number: number;
  @OneOf(SOURCES, 'Who sent it.') source: WebhookEvent['source'];
  @Text('The sender’s own identifier of it.', '72d3162e-cc78-11e3-81ab-4c9367dc0958') deliveryId: string;
  @Text('What it is about.', 'issues') event: string;
  @Text('What happened.', 'labeled', { nullable: true }) action: string | null;
  @Text('Those of one subject are handled in order.', 'github:186853002:41') subject: string;
  @Id('Repository, where it is about one under care.', { nullable: true }) repositoryId: string | null;
  @OneOf(WEBHOOK_EVENT_STATUSES, 'Whether it was handled.') status: WebhookEventStatus;
  @Text('What was done, why it was ignored, or what went wrong.', 'Task 7 was made.', { nullable: true })
  detail: string | null;
  @Num('How often it was tried.', 1) attempts: number;
  @When('It is not tried before.') dueAt: Date;
  @When('Received.') receivedAt: Date;
  @When('Handled.', { nullable: true }) handledAt: Date | null;
}

/** The same with what was sent. */
export class WebhookEventWithPayloadDto extends WebhookEventDto {
  @Text('JSON, as it came, without secrets.', '{"action":"labeled"}') payload: string;
}

export class WebhookEventListQuery extends listQueryOf({
  sort: ['number', 'receivedAt'],
  order: 'DESC',
  search: 'Text in delivery, event or subject.',
  filters: { source: SOURCES, event: null, status: WEBHOOK_EVENT_STATUSES, repositoryId: null },
}) {}

export function toWebhookEventDto(event: WebhookEvent): WebhookEventDto {
  const { payload: _payload, leasedUntil: _leasedUntil, ...shown } = event;
  return shown;
}
