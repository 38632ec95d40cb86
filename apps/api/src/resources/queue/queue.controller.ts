import { Controller, Get, Inject, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Endpoint } from '../../http/endpoint.decorator';
import { QueueDto } from './queue.dto';
import { QueueService } from './queue.service';

@ApiTags('queue')
@Controller('api/v1/queue')
export class QueueController {
  constructor(@Inject(QueueService) private readonly queue: QueueService) {}

  @Get()
  @Endpoint({
    summary: 'Get the queue, its workers and statistics of the last 24 hours',
    can: ['read', 'Queue'],
    ok: QueueDto,
    errors: [503],
  })
  show(): Promise<QueueDto> {
    return this.queue.show();
  }

  @Post('pause')
  @Endpoint({
    summary: 'Pause the queue',
    description: 'Running runs continue, but no worker starts a new one. Without Redis, a restart resumes the queue.',
    can: ['update', 'Queue'],
    ok: QueueDto,
    errors: [503],
    writes: true,
  })
  pause(): Promise<QueueDto> {
    return this.queue.pause();
  }

  @Post('resume')
  @Endpoint({ summary: 'Resume the queue', can: ['update', 'Queue'], ok: QueueDto, errors: [503], writes: true })
  resume(): Promise<QueueDto> {
    return this.queue.resume();
  }
}
