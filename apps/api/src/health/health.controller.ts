import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { EventRepository, Memory, RunQueue } from '@teko/domain';
import type { Response } from 'express';
import { Endpoint } from '../http/endpoint.decorator';
import { OneOf } from '../http/fields';
import { withTimeout } from '../http/with-timeout';
import { Metrics } from './metrics.service';

export class HealthDto {
  @OneOf(['ok', 'error'], 'Overall status.') status: 'ok' | 'error';

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string', enum: ['up', 'down'] },
    description:
      'Status of each dependency by name. Teko is also ready without Chroma; search then uses keywords only.',
    example: { database: 'up', queue: 'up', chroma: 'up' },
  })
  dependencies?: Record<string, 'up' | 'down'>;
}

@ApiTags('health')
@Controller()
export class HealthController {
  constructor(
    @Inject(EventRepository) private readonly log: EventRepository,
    @Inject(RunQueue) private readonly queue: RunQueue,
    @Inject(Memory) private readonly memory: Memory,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  @Get('healthz')
  @Endpoint({ summary: 'Liveness probe', ok: HealthDto, meanings: { 200: 'The process responds.' } })
  alive(): HealthDto {
    return { status: 'ok' };
  }

  @Get('readyz')
  @Endpoint({
    summary: 'Readiness probe',
    ok: HealthDto,
    meanings: { 200: 'The database and the queue are reachable.' },
  })
  async ready(@Res({ passthrough: true }) response: Response): Promise<HealthDto> {
    const [database, queue, chroma] = await Promise.all([
      up(() => this.log.latestId()),
      up(() => this.queue.counts()),
      chromaOf(this.memory),
    ]);
    const status = database === 'up' && queue === 'up' ? 'ok' : 'error';
    response.status(status === 'ok' ? 200 : 503);
    return { status, dependencies: { database, queue, ...chroma } };
  }

  @Get('metrics')
  @Endpoint({ summary: 'Prometheus metrics' })
  async prometheus(@Res() response: Response): Promise<void> {
    response.type(this.metrics.contentType).send(await this.metrics.text());
  }
}

/** Returns an empty object if semantic search is disabled. */
async function chromaOf(memory: Memory): Promise<{ chroma?: 'up' | 'down' }> {
  return withTimeout(() => memory.check()).then(
    (isUsed) => (isUsed ? { chroma: 'up' } : {}),
    () => ({ chroma: 'down' }),
  );
}

async function up(work: () => Promise<unknown>): Promise<'up' | 'down'> {
  return withTimeout(work).then(
    () => 'up',
    () => 'down',
  );
}
