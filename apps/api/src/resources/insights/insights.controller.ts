import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page } from '@teko/contracts';
import { CurrentIdentity, type Identity } from '@teko/identity';
import { Insights } from '@teko/platform';
import { Endpoint } from '../../http/endpoint.decorator';
import { findOrThrow } from '../../http/find-or-throw';
import { toListQuery } from '../../http/list-query.dto';
import { ReadableWithin } from '../../http/readable.decorator';
import {
  CreateInsightDto,
  InsightDto,
  insightDto,
  InsightListQuery,
  PurgedInsightsDto,
  PurgeInsightsDto,
  UpdateInsightDto,
} from './insight.dto';
import { InsightsService } from './insights.service';

@ApiTags('insights')
@Controller('api/v1/insights')
export class InsightsController {
  constructor(
    @Inject(InsightsService) private readonly service: InsightsService,
    @Inject(Insights) private readonly insights: Insights,
  ) {}

  @Get()
  @Endpoint({ summary: 'List insights', can: ['read', 'Insight'], ok: InsightDto, shape: 'page', errors: [422] })
  async list(
    @Query() query: InsightListQuery,
    @ReadableWithin('Insight') within?: string[],
  ): Promise<Page<InsightDto>> {
    const { data, total } = await this.service.list(toListQuery(query, within));
    return { data: data.map(insightDto), total };
  }

  @Post()
  @Endpoint({
    summary: 'Create an insight',
    description: 'It is given to later runs on the repository. If the same insight exists, it is renewed.',
    can: ['create', 'Insight'],
    ok: InsightDto,
    status: 201,
    errors: [409, 422],
    writes: true,
  })
  async create(@Body() input: CreateInsightDto, @CurrentIdentity() { user }: Identity): Promise<InsightDto> {
    return insightDto(await this.service.create(input, user));
  }

  @Post('purge')
  @Endpoint({
    summary: 'Delete all insights of a source',
    description:
      'Deletes the insights of a run, a user, or all agents, reviews or users of a repository, including pinned ones.',
    can: ['delete', 'Insight'],
    ok: PurgedInsightsDto,
    errors: [422],
    writes: true,
  })
  async purge(@Body() { repositoryId, source, ...input }: PurgeInsightsDto): Promise<PurgedInsightsDto> {
    const sourceId = input.sourceId ?? null;
    return { repositoryId, source, sourceId, purged: await this.insights.purge(repositoryId, source, sourceId) };
  }

  @Get(':id')
  @Endpoint({ summary: 'Get an insight', of: 'Insight', can: ['read', 'Insight'], ok: InsightDto, errors: [404] })
  async show(@Param('id') id: string): Promise<InsightDto> {
    return insightDto(await findOrThrow('insight', id, this.service.find(id)));
  }

  @Patch(':id')
  @Endpoint({
    summary: 'Update or pin an insight',
    description: 'A user who changes the text becomes its author.',
    of: 'Insight',
    can: ['update', 'Insight'],
    ok: InsightDto,
    errors: [404, 409, 422],
    writes: true,
  })
  async update(
    @Param('id') id: string,
    @Body() patch: UpdateInsightDto,
    @CurrentIdentity() { user }: Identity,
  ): Promise<InsightDto> {
    return insightDto(await this.service.update(id, patch, user));
  }

  @Delete(':id')
  @Endpoint({
    summary: 'Delete an insight',
    of: 'Insight',
    can: ['delete', 'Insight'],
    status: 204,
    errors: [404],
    writes: true,
  })
  remove(@Param('id') id: string): Promise<void> {
    return this.insights.delete(id);
  }
}
