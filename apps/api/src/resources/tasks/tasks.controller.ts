import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page } from '@teko/contracts';
import { CommentRepository, TaskRepository } from '@teko/domain';
import { CurrentIdentity, type Identity } from '@teko/identity';
import { IntakeService } from '@teko/intake';
import { SchedulingService } from '@teko/scheduling';
import { Endpoint } from '../../http/endpoint.decorator';
import { findOrThrow } from '../../http/find-or-throw';
import { toListQuery } from '../../http/list-query.dto';
import { hideUnreadable } from '../../http/readable-conflict';
import { ReadableWithin } from '../../http/readable.decorator';
import { CommentPresenter } from '../comments/comment-presenter.service';
import { CommentDto, CreateCommentDto, TaskCommentListQuery } from '../comments/comment.dto';
import { toRunDto } from '../runs/run.dto';
import { CreateTaskDto, RequestedRunDto, TaskDto, TaskListQuery, UpdateTaskDto } from './task.dto';

@ApiTags('tasks')
@Controller('api/v1/tasks')
export class TasksController {
  constructor(
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(IntakeService) private readonly intake: IntakeService,
    @Inject(SchedulingService) private readonly scheduling: SchedulingService,
    @Inject(CommentPresenter) private readonly presenter: CommentPresenter,
  ) {}

  @Get()
  @Endpoint({ summary: 'List tasks', can: ['read', 'Task'], ok: TaskDto, shape: 'page', errors: [422] })
  list(@Query() query: TaskListQuery, @ReadableWithin('Task') within?: string[]): Promise<Page<TaskDto>> {
    return this.tasks.list(toListQuery(query, within));
  }

  @Post()
  @Endpoint({
    summary: 'Create a task',
    description: 'An agent starts working on it once the repository is analysed.',
    can: ['create', 'Task'],
    ok: TaskDto,
    status: 201,
    errors: [409, 422],
    writes: true,
  })
  async create(@Body() input: CreateTaskDto, @CurrentIdentity() { user, ability }: Identity): Promise<TaskDto> {
    const task = { ...input, source: typeof input.sourceKey === 'string' ? ('api' as const) : ('form' as const) };
    return this.intake.createTask(task, user).catch(hideUnreadable(ability, 'Task', input.repositoryId));
  }

  @Get(':id')
  @Endpoint({ summary: 'Get a task', of: 'Task', can: ['read', 'Task'], ok: TaskDto, errors: [404] })
  show(@Param('id') id: string): Promise<TaskDto> {
    return findOrThrow('task', id, this.tasks.findById(id));
  }

  @Patch(':id')
  @Endpoint({
    summary: 'Update a task',
    description: 'Returns 409 while the task is running.',
    of: 'Task',
    can: ['update', 'Task'],
    ok: TaskDto,
    errors: [404, 409, 422],
    writes: true,
  })
  update(@Param('id') id: string, @Body() patch: UpdateTaskDto): Promise<TaskDto> {
    return this.intake.updateTask(id, patch);
  }

  @Delete(':id')
  @Endpoint({
    summary: 'Delete a task',
    of: 'Task',
    can: ['delete', 'Task'],
    status: 204,
    errors: [404, 409],
    writes: true,
  })
  remove(@Param('id') id: string): Promise<void> {
    return this.intake.deleteTask(id);
  }

  @Post(':id/runs')
  @Endpoint({
    summary: 'Create a run for a task',
    description: 'For example to retry after a failure.',
    of: 'Task',
    can: ['create', 'Run'],
    ok: RequestedRunDto,
    status: 202,
    errors: [404, 409],
    writes: true,
  })
  async requestRun(@Param('id') id: string, @CurrentIdentity() { user }: Identity): Promise<RequestedRunDto> {
    const run = await this.scheduling.requestRun(id, user.id);
    return { run: run && toRunDto(run) };
  }

  @Post(':id/done')
  @Endpoint({
    summary: 'Mark a task as done',
    description: 'For example if its change was merged elsewhere. Tasks blocked by it continue.',
    of: 'Task',
    can: ['update', 'Task'],
    ok: TaskDto,
    errors: [404, 409],
    writes: true,
  })
  complete(@Param('id') id: string, @CurrentIdentity() { user }: Identity): Promise<TaskDto> {
    return this.intake.completeTask(id, user);
  }

  @Post(':id/cancel')
  @Endpoint({
    summary: 'Cancel a task',
    description: 'A run that is queued or waits is cancelled immediately, a running one within seconds.',
    of: 'Task',
    can: ['update', 'Task'],
    ok: TaskDto,
    errors: [404, 409],
    writes: true,
  })
  cancel(@Param('id') id: string, @CurrentIdentity() { user }: Identity): Promise<TaskDto> {
    return this.intake.cancelTask(id, user);
  }

  @Get(':id/comments')
  @Endpoint({
    summary: 'List the comments of a task',
    of: 'Task',
    can: ['read', 'Comment'],
    ok: CommentDto,
    shape: 'page',
    errors: [404, 422],
  })
  async listComments(@Param('id') id: string, @Query() query: TaskCommentListQuery): Promise<Page<CommentDto>> {
    await this.show(id);
    const filters = { taskId: [id] };
    return this.presenter.page(await this.comments.list({ ...toListQuery(query, undefined), filters }));
  }

  @Post(':id/comments')
  @Endpoint({
    summary: 'Comment on a task',
    of: 'Task',
    can: ['create', 'Comment'],
    ok: CommentDto,
    status: 201,
    errors: [404, 422],
    writes: true,
  })
  async comment(
    @Param('id') id: string,
    @Body() input: CreateCommentDto,
    @CurrentIdentity() { user }: Identity,
  ): Promise<CommentDto> {
    return this.presenter.one(await this.intake.addComment(id, input, user));
  }
}
