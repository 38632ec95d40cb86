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
    summary: 'Receive a GitHub webhook',
    description:
      'JSON or form of at most 10 MB, signed with GITHUB_WEBHOOK_SECRET in `X-Hub-Signature-256`. The delivery is stored and processed asynchronously; a redelivery has no effect.',
    status: 202,
    errors: [401, 404, 422],
    meanings: {
      401: 'The signature is missing or wrong.',
      404: 'GITHUB_WEBHOOK_SECRET is not set.',
    },
  })
  async receive(@Req() request: WebhookRequest): Promise<void> {
    if (!this.settings.GITHUB_WEBHOOK_SECRET) {
      throw new DomainError(
        'not_found',
        'GitHub webhooks are not configured. Set GITHUB_WEBHOOK_SECRET to the secret of the webhook and restart Teko.',
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
