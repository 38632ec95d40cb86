import { Controller, Inject, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DomainError, InvalidError } from '@teko/domain';
import { WebhookInbox } from '@teko/intake';
import { TekoSettings } from '@teko/platform';
import { Endpoint } from '../http/endpoint.decorator';
import type { WebhookRequest } from './webhook-body';

const CONTENT_TYPES = ['application/json', 'application/x-www-form-urlencoded'];

@ApiTags('webhooks')
@Controller('webhooks')
export class GithubWebhooksController {
  constructor(
    @Inject(TekoSettings) private readonly settings: TekoSettings,
    @Inject(WebhookInbox) private readonly inbox: WebhookInbox,
  ) {}

  @Post('github')
  @Endpoint({
    summary: 'Take a webhook of GitHub',
    description:
      'Signed with GITHUB_WEBHOOK_SECRET in `X-Hub-Signature-256`, as JSON or as a form, of at most 10 MB. It is stored, answered and then handled; the same delivery again changes nothing.',
    status: 202,
    errors: [401, 404, 422],
  })
  async receive(@Req() request: WebhookRequest): Promise<void> {
    if (!this.settings.GITHUB_WEBHOOK_SECRET) {
      throw new DomainError(
        'not_found',
        'Webhooks of GitHub are not set up here: set GITHUB_WEBHOOK_SECRET to the secret of the webhook and start Teko again.',
      );
    }
    if (!request.is(CONTENT_TYPES)) throw new InvalidError({ 'content-type': `must be ${CONTENT_TYPES.join(' or ')}` });
    await this.inbox.receive({
      deliveryId: request.get('x-github-delivery'),
      event: request.get('x-github-event'),
      signature: request.get('x-hub-signature-256'),
      body: request.body,
    });
  }
}
