import { Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page } from '@teko/contracts';
import { WebhookEventRepository } from '@teko/domain';
import { WebhookInbox } from '@teko/intake';
import { redactor, secretsOf, TEKO_SETTINGS, TekoSettings } from '@teko/platform';
import { Endpoint } from '../../http/endpoint.decorator';
import { findOrThrow } from '../../http/find-or-throw';
import { toListQuery } from '../../http/list-query.dto';
import {
  toWebhookEventDto,
  WebhookEventDto,
  WebhookEventListQuery,
  WebhookEventWithPayloadDto,
} from './webhook-event.dto';

@ApiTags('webhook-events')
@Controller('api/v1/webhook-events')
export class WebhookEventsController {
  private readonly redact: (text: string) => string;

  constructor(
    @Inject(WebhookEventRepository) private readonly events: WebhookEventRepository,
    @Inject(WebhookInbox) private readonly inbox: WebhookInbox,
    @Inject(TekoSettings) settings: TekoSettings,
  ) {
    this.redact = redactor(secretsOf(TEKO_SETTINGS, settings));
  }

  @Get()
  @Endpoint({
    summary: 'List received webhooks',
    can: ['read', 'WebhookEvent'],
    ok: WebhookEventDto,
    shape: 'page',
    errors: [422],
  })
  async list(@Query() query: WebhookEventListQuery): Promise<Page<WebhookEventDto>> {
    const { data, total } = await this.events.list(toListQuery(query, undefined));
    return { data: data.map(toWebhookEventDto), total };
  }

  @Get(':id')
  @Endpoint({
    summary: 'Get a webhook with its payload',
    of: 'WebhookEvent',
    can: ['read', 'WebhookEvent'],
    ok: WebhookEventWithPayloadDto,
    errors: [404],
  })
  async show(@Param('id') id: string): Promise<WebhookEventWithPayloadDto> {
    const event = await findOrThrow('webhook event', id, this.events.findById(id));
    return { ...toWebhookEventDto(event), payload: this.redact(event.payload) };
  }

  @Post(':id/redeliver')
  @Endpoint({
    summary: 'Redeliver a webhook',
    description: 'Processes the stored event again. Effects of the first processing are not repeated.',
    of: 'WebhookEvent',
    can: ['update', 'WebhookEvent'],
    ok: WebhookEventDto,
    status: 202,
    errors: [404, 409],
    writes: true,
  })
  async redeliver(@Param('id') id: string): Promise<WebhookEventDto> {
    return toWebhookEventDto(await this.inbox.redeliver(id));
  }
}
