import {
  SUPPORTED_TASK_KINDS,
  TASK_KINDS,
  TASK_LIMITS,
  TASK_PRIORITIES,
  TASK_SOURCES,
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
  @Id('Identifier.') id: string;
  @Num('Short number people say.', 12) number: number;
  @Id('Repository.') repositoryId: string;
  @OneOf(TASK_KINDS, 'What is to be done.') kind: Task['kind'];
  @Text('Title.', 'Weeks of leap years are wrong') title: string;
  @Text('Description.', 'weekOf(2024-12-30) answers 53; it should be 1.') description: string;
  @OneOf(TASK_PRIORITIES, 'How soon.') priority: Task['priority'];
  @OneOf(TASK_STATUSES, 'Where it stands.') status: Task['status'];
  @Text('Why it stands there.', 'Run 4 was cancelled.', { nullable: true }) statusReason: string | null;
  @OneOf(TASK_SOURCES, 'Where it came from.') source: Task['source'];
  @Text('Exactly one task exists for each.', 'form:0193a5c2-7d10-7c3a-9d52-5b8e1f0a4c11') sourceKey: string;
  @Text('Where to read the original.', 'https://tracker.example/T-1', { nullable: true }) sourceUrl: string | null;
  @Num('Number of the issue or pull request that it came from.', 41, { nullable: true }) issueNumber: number | null;
  @Text('Who asked for it on the forge.', 'octocat', { nullable: true }) requestedBy: string | null;
  @Text('What asked for it outside.', 'issue_comment:186853002:492700400', { nullable: true }) triggerKey:
    string | null;
  @Flag('A plan is approved before anything is changed.', false) planFirst: boolean;
  @Text('Branch to start from; null is the default branch.', 'main', { nullable: true }) baseBranch: string | null;
  @Id('For a review: the change to look at.', { nullable: true }) changeId: string | null;
  @Flag('Existing tests may be altered.', false) allowTestChanges: boolean;
  @Id('Tasks that have to be done first.', { nullable: true, isArray: true }) blockedBy: string[] | null;
  @Flag('Belongs to the demo workspace.', false) demo: boolean;
  @Id('Who created it.', { nullable: true }) createdById: string | null;
  @When('Created.') createdAt: Date;
  @When('Last changed.') updatedAt: Date;
}

/** What it takes to create a task. */
export class CreateTaskDto {
  @Id('Repository to work in.')
  @IsString({ message: 'must name a repository' })
  repositoryId: string;

  @OneOf(SUPPORTED_TASK_KINDS, 'What is to be done.')
  @IsString({ message: `must be one of ${SUPPORTED_TASK_KINDS.join(', ')}` })
  kind: TaskKind;

  @Text('Title.', 'Weeks of leap years are wrong', { maxLength: TASK_LIMITS.title })
  @IsString({ message: 'must be text' })
  title: string;

  @Text('Description.', 'weekOf(2024-12-30) answers 53; it should be 1.', {
    required: false,
    maxLength: TASK_LIMITS.description,
  })
  @IsOptional()
  @IsString({ message: 'must be text' })
  description?: string;

  @OneOf(TASK_PRIORITIES, 'How soon; `normal` where not given.', { required: false })
  @IsOptional()
  @IsIn(TASK_PRIORITIES, { message: `must be one of ${TASK_PRIORITIES.join(', ')}` })
  priority?: TaskPriority;

  @Text('Branch to start from; empty is the default branch.', 'main', { required: false, nullable: true })
  @IsOptional()
  @IsString({ message: 'must be text' })
  baseBranch?: string | null;

  @Id('For a review: the change to look at.', { required: false, nullable: true })
  @IsOptional()
  @IsString({ message: 'must name a change' })
  changeId?: string | null;

  @Flag('Existing tests may be altered.', false, { required: false })
  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  allowTestChanges?: boolean;

  @Flag('A plan is approved before anything is changed, whatever the rule of the repository says.', false, {
    required: false,
  })
  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  planFirst?: boolean;

  @Id('Tasks that have to be done first.', { required: false, nullable: true, isArray: true, example: [] })
  @IsOptional()
  @IsArray({ message: 'must be a list of tasks' })
  @IsString({ each: true, message: 'must be a list of tasks' })
  blockedBy?: string[] | null;

  @Text('A second task with the same key is refused with 409.', 'tracker:T-1', {
    required: false,
    maxLength: TASK_LIMITS.sourceKey,
  })
  @IsOptional()
  @IsString({ message: 'must be text' })
  sourceKey?: string;
}

/** What can be changed about a task while no agent works on it. */
export class UpdateTaskDto extends PartialType(
  PickType(CreateTaskDto, ['title', 'description', 'priority', 'baseBranch', 'allowTestChanges', 'blockedBy'] as const),
) {}

export class TaskListQuery extends listQueryOf({
  sort: ['createdAt', 'number', 'title', 'priority', 'status', 'updatedAt'],
  order: 'DESC',
  search: 'Text in title or description, or a number.',
  filters: {
    status: TASK_STATUSES,
    kind: TASK_KINDS,
    priority: TASK_PRIORITIES,
    repositoryId: null,
    source: TASK_SOURCES,
    demo: ['true', 'false'],
  },
}) {}

/** What came of the wish for one more run. */
export class RequestedRunDto {
  @Nested(() => RunDto, 'The new run; null while the repository has to be analysed first.', { nullable: true })
  run: RunDto | null;
}
