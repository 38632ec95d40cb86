import { Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page } from '@teko/contracts';
import { ChangeRepository } from '@teko/domain';
import { CurrentIdentity, type Identity } from '@teko/identity';
import { Endpoint } from '../../http/endpoint.decorator';
import { toListQuery } from '../../http/list-query.dto';
import { ReadableWithin } from '../../http/readable.decorator';
import { TaskDto } from '../tasks/task.dto';
import { ChangeDiffDto, ChangeDto, ChangeListQuery } from './change.dto';
import { ChangesService } from './changes.service';

@ApiTags('changes')
@Controller('api/v1/changes')
export class ChangesController {
  constructor(
    @Inject(ChangeRepository) private readonly changes: ChangeRepository,
    @Inject(ChangesService) private readonly service: ChangesService,
  ) {}

  @Get()
  @Endpoint({ summary: 'List changes', can: ['read', 'Change'], ok: ChangeDto, shape: 'page', errors: [422] })
  list(@Query() query: ChangeListQuery, @ReadableWithin('Change') within?: string[]): Promise<Page<ChangeDto>> {
    return this.changes.list(toListQuery(query, within));
  }

  @Get(':id')
  @Endpoint({ summary: 'Get a change', of: 'Change', can: ['read', 'Change'], ok: ChangeDto, errors: [404] })
  show(@Param('id') id: string): Promise<ChangeDto> {
    return this.service.get(id);
  }

  @Get(':id/diff')
  @Endpoint({
    summary: 'Get the diff of a change',
    of: 'Change',
    can: ['read', 'Change'],
    ok: ChangeDiffDto,
    errors: [404, 503],
  })
  diff(@Param('id') id: string): Promise<ChangeDiffDto> {
    return this.service.diff(id);
  }

  @Post(':id/close')
  @Endpoint({
    summary: 'Close a change without merging',
    of: 'Change',
    can: ['update', 'Change'],
    ok: ChangeDto,
    errors: [404, 409],
    writes: true,
  })
  close(@Param('id') id: string): Promise<ChangeDto> {
    return this.service.close(id);
  }

  @Post(':id/reviews')
  @Endpoint({
    summary: 'Request a review of a change',
    description: 'Returns the task that was created for the review.',
    of: 'Change',
    can: ['create', 'Task'],
    ok: TaskDto,
    status: 201,
    errors: [404, 422],
    writes: true,
  })
  review(@Param('id') id: string, @CurrentIdentity() { user }: Identity): Promise<TaskDto> {
    return this.service.requestReview(id, user);
  }
}
