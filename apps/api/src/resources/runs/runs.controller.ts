import { Controller, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page } from '@teko/contracts';
import { RunRepository, StepRepository } from '@teko/domain';
import { SchedulingService } from '@teko/scheduling';
import { CurrentIdentity, type Identity } from '@teko/identity';
import type { Request, Response } from 'express';
import { Endpoint } from '../../http/endpoint.decorator';
import { found } from '../../http/found';
import { toListQuery } from '../../http/list-query.dto';
import { ReadableWithin } from '../../http/readable.decorator';
import { LiveEventDto } from '../events/event.dto';
import { LiveEvents } from '../events/live-events.service';
import { RunDto, RunListQuery, StepDto, toRunDto } from './run.dto';

@ApiTags('runs')
@Controller('api/v1/runs')
export class RunsController {
  constructor(
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(StepRepository) private readonly stepRows: StepRepository,
    @Inject(SchedulingService) private readonly scheduling: SchedulingService,
    @Inject(LiveEvents) private readonly live: LiveEvents,
  ) {}

  @Get()
  @Endpoint({ summary: 'List runs', can: ['read', 'Run'], ok: RunDto, shape: 'page', errors: [422] })
  async list(@Query() query: RunListQuery, @ReadableWithin('Run') within?: string[]): Promise<Page<RunDto>> {
    const { data, total } = await this.runs.list(toListQuery(query, within));
    return { data: data.map(toRunDto), total };
  }

  @Get(':id')
  @Endpoint({ summary: 'Show a run', of: 'Run', can: ['read', 'Run'], ok: RunDto, errors: [404] })
  async show(@Param('id') id: string): Promise<RunDto> {
    return toRunDto(await found('run', id, this.runs.findById(id)));
  }

  @Get(':id/steps')
  @Endpoint({
    summary: 'List all steps of a run',
    of: 'Run',
    can: ['read', 'Step'],
    ok: StepDto,
    shape: 'page',
    errors: [404],
  })
  async steps(@Param('id') id: string): Promise<Page<StepDto>> {
    await this.show(id);
    const data = await this.stepRows.findByRun(id);
    return { data, total: data.length };
  }

  @Post(':id/cancel')
  @Endpoint({
    summary: 'Cancel a run',
    description: 'A queued one ends at once, one at work soon after.',
    of: 'Run',
    can: ['update', 'Run'],
    ok: RunDto,
    errors: [404, 409],
    writes: true,
  })
  async cancel(@Param('id') id: string): Promise<RunDto> {
    await this.show(id);
    return toRunDto(await this.scheduling.requestCancel(id));
  }

  @Get(':id/events')
  @Endpoint({
    summary: 'Follow a run',
    description: 'Sends the run and its steps, then every change. With `Last-Event-ID` only what came after it.',
    of: 'Run',
    can: ['read', 'Run'],
    ok: LiveEventDto,
    shape: 'stream',
    errors: [404],
  })
  async events(
    @Param('id') id: string,
    @CurrentIdentity() identity: Identity,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.show(id);
    await this.live.stream(request, response, { identity, runId: id });
  }
}
