import { FINDING_SEVERITIES } from '@teko/contracts';
import type { Finding } from '@teko/domain';
import { IsIn } from 'class-validator';
import { Id, Num, OneOf, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

const STATUSES = ['open', 'accepted', 'dismissed'] as const satisfies readonly Finding['status'][];

/** What a review says about one place of a change. */
export class FindingDto implements Finding {
  @Id('Identifier.') id: string;
  @Id('Run.') runId: string;
  @Id('Task.') taskId: string;
  @Id('Change.', { nullable: true }) changeId: string | null;
  @Id('Repository.') repositoryId: string;
  @Text('File.', 'src/week.ts') path: string;
  @Num('First line, from 1.', 12) startLine: number;
  @Num('Last line.', 14) endLine: number;
  @OneOf(FINDING_SEVERITIES, 'How bad it is.') severity: Finding['severity'];
  @Text('Title.', 'Off by one') title: string;
  @Text('Markdown.', 'The first week of a year may begin in December.') body: string;
  @OneOf(STATUSES, 'What people made of it.') status: Finding['status'];
  @When('Created.') createdAt: Date;
}

export class UpdateFindingDto {
  @OneOf(STATUSES, 'What you make of it.')
  @IsIn(STATUSES, { message: `must be one of ${STATUSES.join(', ')}` })
  status: Finding['status'];
}

export class FindingListQuery extends listQueryOf({
  sort: ['createdAt', 'severity', 'path'],
  order: 'DESC',
  filters: {
    runId: null,
    changeId: null,
    taskId: null,
    repositoryId: null,
    severity: FINDING_SEVERITIES,
    status: STATUSES,
  },
}) {}
