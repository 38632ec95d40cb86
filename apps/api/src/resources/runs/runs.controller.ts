import { Body, Controller, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page } from '@teko/contracts';
import { ConflictError, EffectRepository, RunRepository, StepRepository } from '@teko/domain';
import { TekoSettings } from '@teko/platform';
import { QueuePositions, Reruns, SchedulingService } from '@teko/scheduling';
import { CurrentIdentity, type Identity } from '@teko/identity';
import type { Request, Response } from 'express';
import { Endpoint } from '../../http/endpoint.decorator';
import { findOrThrow } from '../../http/find-or-throw';
import { toListQuery } from '../../http/list-query.dto';
import { ReadableWithin } from '../../http/readable.decorator';
import { LiveEventDto } from '../events/event.dto';
import { LiveEvents } from '../events/live-events.service';
import {
  ContinueRunDto,
  EffectDto,
  ForkRunDto,
  QueuePositionDto,
  RunDto,
  RunListQuery,
  StepDto,
  toRunDto,
  toStepDto,
} from './run.dto';

@ApiTags('runs')
@Controller('api/v1/runs')
export class RunsController {
  constructor(
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(StepRepository) private readonly stepRows: StepRepository,
    @Inject(SchedulingService) private readonly scheduling: SchedulingService,
    @Inject(EffectRepository) private readonly effectRows: EffectRepository,
    @Inject(Reruns) private readonly reruns: Reruns,
    @Inject(QueuePositions) private readonly positions: QueuePositions,
    @Inject(TekoSettings) private readonly settings: TekoSettings,
    @Inject(LiveEvents) private readonly live: LiveEvents,
  ) {}

  @Get()
  @Endpoint({ summary: 'List runs', can: ['read', 'Run'], ok: RunDto, shape: 'page', errors: [422] })
  async list(@Query() query: RunListQuery, @ReadableWithin('Run') within?: string[]): Promise<Page<RunDto>> {
    const { data, total } = await this.runs.list(toListQuery(query, within));
    return { data: data.map(toRunDto), total };
  }

  @Get(':id')
  @Endpoint({ summary: 'Get a run', of: 'Run', can: ['read', 'Run'], ok: RunDto, errors: [404] })
  async show(@Param('id') id: string): Promise<RunDto> {
    return toRunDto(await findOrThrow('run', id, this.runs.findById(id)));
  }

  @Get(':id/steps')
  @Endpoint({
    summary: 'List the steps of a run',
    of: 'Run',
    can: ['read', 'Step'],
    ok: StepDto,
    shape: 'page',
    errors: [404],
  })
  async steps(@Param('id') id: string): Promise<Page<StepDto>> {
    await this.show(id);
    const data = (await this.stepRows.findByRun(id)).map(toStepDto);
    return { data, total: data.length };
  }

  @Post(':id/cancel')
  @Endpoint({
    summary: 'Cancel a run',
    description: 'A run that is queued or waits is cancelled immediately, a running one within seconds.',
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

  @Get(':id/effects')
  @Endpoint({
    summary: 'List the effects of a run',
    of: 'Run',
    can: ['read', 'Run'],
    ok: EffectDto,
    shape: 'page',
    errors: [404],
  })
  async effects(@Param('id') id: string): Promise<Page<EffectDto>> {
    await this.show(id);
    const data = await this.effectRows.findByRun(id);
    return { data, total: data.length };
  }

  @Get(':id/queue-position')
  @Endpoint({
    summary: 'Get the position of a run in the queue',
    of: 'Run',
    can: ['read', 'Run'],
    ok: QueuePositionDto,
    errors: [404, 503],
  })
  async queuePosition(@Param('id') id: string): Promise<QueuePositionDto> {
    const run = await findOrThrow('run', id, this.runs.findById(id));
    return this.positions.of(run, this.settings.TEKO_REPOSITORY_CONCURRENCY || null);
  }

  @Post(':id/resume')
  @Endpoint({
    summary: 'Resume a waiting run',
    description:
      'Only for a run that waits for its model or the forge (409 otherwise). A run that waits for human input resumes when the approval is decided or a comment answers.',
    of: 'Run',
    can: ['update', 'Run'],
    ok: RunDto,
    errors: [404, 409],
    writes: true,
  })
  async resume(@Param('id') id: string): Promise<RunDto> {
    const { resumeAt, status } = await findOrThrow('run', id, this.runs.findById(id));
    if (status !== 'waiting' || !resumeAt) throw new ConflictError('this run does not wait for its model or the forge');
    await this.scheduling.resume(id);
    return this.show(id);
  }

  @Post(':id/continue')
  @Endpoint({
    summary: 'Continue an unfinished run',
    of: 'Run',
    can: ['create', 'Run'],
    ok: RunDto,
    status: 201,
    errors: [404, 409, 422],
    writes: true,
  })
  async continue(
    @Param('id') id: string,
    @Body() input: ContinueRunDto,
    @CurrentIdentity() { user }: Identity,
  ): Promise<RunDto> {
    return toRunDto(await this.reruns.continue(id, input.instruction?.trim() || null, user.id));
  }

  @Post(':id/fork')
  @Endpoint({
    summary: 'Fork a run at one of its turns',
    description: 'Model replies before this turn are reused from the recorded run and cost nothing.',
    of: 'Run',
    can: ['create', 'Run'],
    ok: RunDto,
    status: 201,
    errors: [404, 409, 422],
    writes: true,
  })
  async fork(
    @Param('id') id: string,
    @Body() { turn, model, instruction }: ForkRunDto,
    @CurrentIdentity() { user }: Identity,
  ): Promise<RunDto> {
    const input = { turn, model: model?.trim() || null, instruction: instruction?.trim() || null };
    return toRunDto(await this.reruns.fork(id, input, user.id));
  }

  @Post(':id/replay')
  @Endpoint({
    summary: 'Replay a run with its recorded model replies',
    description: 'No model is called and no external system is changed. The new run shows the first turn that differs.',
    of: 'Run',
    can: ['create', 'Run'],
    ok: RunDto,
    status: 201,
    errors: [404, 409],
    writes: true,
  })
  async replay(@Param('id') id: string, @CurrentIdentity() { user }: Identity): Promise<RunDto> {
    return toRunDto(await this.reruns.replay(id, user.id));
  }

  @Get(':id/events')
  @Endpoint({
    summary: 'Stream the events of a run',
    description:
      'Server-Sent Events with the run and its steps, then every change. With `Last-Event-ID` only later events.',
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
