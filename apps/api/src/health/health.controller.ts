import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { DomainError, EventRepository, Memory, RunQueue } from '@teko/domain';
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

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'Why the database or the queue is down, by name.',
    example: { queue: 'REDIS_URL: connect ECONNREFUSED 127.0.0.1:6379' },
  })
  reasons?: Record<string, string>;
}

/** Longer than the queue needs to tell why Redis does not respond. */
const OUTAGE_TIMEOUT_MS = 6_000;

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
    meanings: { 200: 'The database and the queue are usable.' },
  })
  async ready(@Res({ passthrough: true }) response: Response): Promise<HealthDto> {
    const [database, queue, chroma] = await Promise.all([
      outageOf(() => this.log.latestId()),
      outageOf(() => this.queue.check()),
      chromaOf(this.memory),
    ]);
    const isReady = database === null && queue === null;
    response.status(isReady ? 200 : 503);
    const state = (reason: string | null) => (reason === null ? 'up' : 'down');
    return {
      status: isReady ? 'ok' : 'error',
      dependencies: { database: state(database), queue: state(queue), ...chroma },
      ...(isReady ? {} : { reasons: { ...(database ? { database } : {}), ...(queue ? { queue } : {}) } }),
    };
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

/** Returns why a dependency is down, or null if it is up. Messages of drivers can contain addresses and users, so they are not shown. */
async function outageOf(work: () => Promise<unknown>): Promise<string | null> {
  return withTimeout(work, OUTAGE_TIMEOUT_MS).then(
    () => null,
    (error: Error) => (error instanceof DomainError ? error.message : 'does not respond'),
  );
}
