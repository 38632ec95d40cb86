import {
  SUPPORTED_TASK_KINDS,
  TASK_KINDS,
  TASK_LIMITS,
  TASK_PRIORITIES,
  TASK_SOURCE_MEANINGS,
  TASK_SOURCES,
  TASK_STATUS_MEANINGS,
  TASK_STATUSES,
  type TaskKind,
  type TaskPriority,
} from '@teko/contracts';
import type { Task } from '@teko/domain';
import { PartialType, PickType } from '@nestjs/swagger';
import { IsArray, IsBoolean, IsIn, IsOptional, IsString } from 'class-validator';
import { Flag, Id, Nested, Num, OneOf, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';
import { RunDto } from '../runs/run.dto';

/** A piece of work. */
export class TaskDto implements Task {
  @Id('Unique ID.') id: string;
  @Num('Sequential number, for display.', 12) number: number;
  @Id('ID of the repository.') repositoryId: string;
  @OneOf(TASK_KINDS, 'Kind of work.') kind: Task['kind'];
  @Text('Title.', 'Weeks of leap years are wrong') title: string;
  @Text('Description in Markdown.', 'weekOf(2024-12-30) returns 53; it should be 1.') description: string;
  @OneOf(TASK_PRIORITIES, 'Priority.', { example: 'normal' }) priority: Task['priority'];
  @OneOf(TASK_STATUSES, 'Current status.', { meanings: TASK_STATUS_MEANINGS }) status: Task['status'];
  @Text('Why it has this status.', 'Run 4 was cancelled.', { nullable: true, example: null }) statusReason:
    string | null;
  @OneOf(TASK_SOURCES, 'Where it was created.', { meanings: TASK_SOURCE_MEANINGS, example: 'api' })
  source: Task['source'];
  @Text('Unique key of the source; there is one task per key. `form:<id>` if none was given.', 'tracker:T-1')
  sourceKey: string;
  @Text('URL of the original ticket.', 'https://tracker.example/T-1', { nullable: true, example: null })
  sourceUrl: string | null;
  @Num('Number of the issue or pull request that it was created from; null if none.', 41, {
    nullable: true,
    example: null,
  })
  issueNumber: number | null;
  @Text('Login of the user who requested it on the forge; null if it was created in Teko.', 'octocat', {
    nullable: true,
    example: null,
  })
  requestedBy: string | null;
  @Text(
    'Key of the external comment that requested it, such as `issue_comment:<forgeId>:<id>`; null if none did.',
    'issue_comment:186853002:492700400',
    { nullable: true, example: null },
  )
  triggerKey: string | null;
  @Flag('Whether the plan has to be approved before any change.', false) planFirst: boolean;
  @Text('Base branch; null for the default branch.', 'main', { nullable: true }) baseBranch: string | null;
  @Id('For a review: ID of the change to review.', { nullable: true, example: null }) changeId: string | null;
  @Flag('Whether the agent can change existing tests.', false) allowTestChanges: boolean;
  @Flag('Whether it reports a bug; a test must then fail before the change and pass after it.', false) isBug: boolean;
  @Id('IDs of tasks that have to be done first.', { nullable: true, isArray: true, example: null }) blockedBy:
    string[] | null;
  @Flag('Whether it belongs to the demo workspace.', false) demo: boolean;
  @Id('ID of the user who created it.', { nullable: true }) createdById: string | null;
  @When('When it was created.') createdAt: Date;
  @When('When it was last updated.') updatedAt: Date;
}

/** A task to create. */
export class CreateTaskDto {
  @Id('ID of the repository.')
  @IsString({ message: 'must name a repository' })
  repositoryId: string;

  @OneOf(SUPPORTED_TASK_KINDS, 'Kind of work.')
  @IsString({ message: `must be one of ${SUPPORTED_TASK_KINDS.join(', ')}` })
  kind: TaskKind;

  @Text('Title.', 'Weeks of leap years are wrong', { maxLength: TASK_LIMITS.title })
  @IsString({ message: 'must be text' })
  title: string;

  @Text('Description in Markdown.', 'weekOf(2024-12-30) returns 53; it should be 1.', {
    required: false,
    maxLength: TASK_LIMITS.description,
  })
  @IsOptional()
  @IsString({ message: 'must be text' })
  description?: string;

  @OneOf(TASK_PRIORITIES, 'Priority; `normal` by default.', { required: false, example: 'normal' })
  @IsOptional()
  @IsIn(TASK_PRIORITIES, { message: `must be one of ${TASK_PRIORITIES.join(', ')}` })
  priority?: TaskPriority;

  @Text('Base branch; null or empty for the default branch.', 'main', { required: false, nullable: true })
  @IsOptional()
  @IsString({ message: 'must be text' })
  baseBranch?: string | null;

  @Id('For a review: ID of the change to review.', { required: false, nullable: true, example: null })
  @IsOptional()
  @IsString({ message: 'must name a change' })
  changeId?: string | null;

  @Flag('Whether the agent can change existing tests.', false, { required: false })
  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  allowTestChanges?: boolean;

  @Flag('Whether it reports a bug; a test must then fail before the change and pass after it.', false, {
    required: false,
  })
  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  isBug?: boolean;

  @Flag('Whether the plan has to be approved before any change, regardless of the repository.', false, {
    required: false,
  })
  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  planFirst?: boolean;

  @Id('IDs of tasks that have to be done first.', { required: false, nullable: true, isArray: true, example: [] })
  @IsOptional()
  @IsArray({ message: 'must be a list of tasks' })
  @IsString({ each: true, message: 'must be a list of tasks' })
  blockedBy?: string[] | null;

  @Text('Key of the source. A second task with the same key returns 409.', 'tracker:T-1', {
    required: false,
    maxLength: TASK_LIMITS.sourceKey,
  })
  @IsOptional()
  @IsString({ message: 'must be text' })
  sourceKey?: string;
}

/** Fields of a task that can be updated unless it is running. */
export class UpdateTaskDto extends PartialType(
  PickType(CreateTaskDto, [
    'title',
    'description',
    'priority',
    'baseBranch',
    'allowTestChanges',
    'isBug',
    'blockedBy',
  ] as const),
) {}

export class TaskListQuery extends listQueryOf({
  sort: ['createdAt', 'number', 'title', 'priority', 'status', 'updatedAt'],
  order: 'DESC',
  search: 'Searches in title, description and number.',
  filters: {
    status: TASK_STATUSES,
    kind: TASK_KINDS,
    priority: TASK_PRIORITIES,
    repositoryId: null,
    source: TASK_SOURCES,
    demo: ['true', 'false'],
  },
}) {}

/** The result of a request for a run. */
export class RequestedRunDto {
  @Nested(() => RunDto, 'The new run; null while the repository has to be analysed first.', { nullable: true })
  run: RunDto | null;
}
