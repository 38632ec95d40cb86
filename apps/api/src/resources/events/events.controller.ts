import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentIdentity, type Identity } from '@teko/identity';
import type { Request, Response } from 'express';
import { Endpoint } from '../../http/endpoint.decorator';
import { LiveEventDto } from './event.dto';
import { LiveEvents } from './live-events.service';

@ApiTags('events')
@Controller('api/v1/events')
export class EventsController {
  constructor(@Inject(LiveEvents) private readonly live: LiveEvents) {}

  @Get()
  @Endpoint({
    summary: 'Stream all events',
    description: 'Server-Sent Events for all changes from now on, or after `Last-Event-ID`.',
    can: ['read', 'Run'],
    ok: LiveEventDto,
    shape: 'stream',
  })
  async follow(
    @CurrentIdentity() identity: Identity,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.live.stream(request, response, { identity });
  }
}
