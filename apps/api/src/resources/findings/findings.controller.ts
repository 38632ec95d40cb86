import { Body, Controller, Get, Inject, Param, Patch, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page } from '@teko/contracts';
import { FindingRepository } from '@teko/domain';
import { Events } from '@teko/platform';
import { Endpoint } from '../../http/endpoint.decorator';
import { findOrThrow } from '../../http/find-or-throw';
import { toListQuery } from '../../http/list-query.dto';
import { ReadableWithin } from '../../http/readable.decorator';
import { InsightsService } from '../insights/insights.service';
import { FindingDto, FindingListQuery, UpdateFindingDto } from './finding.dto';

@ApiTags('findings')
@Controller('api/v1/findings')
export class FindingsController {
  constructor(
    @Inject(FindingRepository) private readonly findings: FindingRepository,
    @Inject(Events) private readonly events: Events,
    @Inject(InsightsService) private readonly insights: InsightsService,
  ) {}

  @Get()
  @Endpoint({ summary: 'List findings', can: ['read', 'Finding'], ok: FindingDto, shape: 'page', errors: [422] })
  list(@Query() query: FindingListQuery, @ReadableWithin('Finding') within?: string[]): Promise<Page<FindingDto>> {
    return this.findings.list(toListQuery(query, within));
  }

  @Patch(':id')
  @Endpoint({
    summary: "Update a finding's status",
    of: 'Finding',
    can: ['update', 'Finding'],
    ok: FindingDto,
    errors: [404, 422],
    writes: true,
  })
  async update(@Param('id') id: string, @Body() { status }: UpdateFindingDto): Promise<FindingDto> {
    await findOrThrow('finding', id, this.findings.findById(id));
    const finding = await this.findings.update(id, { status });
    const { repositoryId, taskId, runId } = finding;
    await this.events.record({ type: 'finding', subjectId: id, repositoryId, taskId, runId });
    await this.insights.updateFromFinding(finding);
    return finding;
  }
}
