import { FINDING_SEVERITIES, FINDING_STATUS_MEANINGS, FINDING_STATUSES } from '@teko/contracts';
import type { Finding } from '@teko/domain';
import { IsIn } from 'class-validator';
import { Id, Num, OneOf, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

/** A problem that a review found at one place of a change. */
export class FindingDto implements Finding {
  @Id('Unique ID.') id: string;
  @Id('ID of the run.') runId: string;
  @Id('ID of the task.') taskId: string;
  @Id('ID of the change.', { nullable: true }) changeId: string | null;
  @Id('ID of the repository.') repositoryId: string;
  @Text('Path of the file.', 'src/week.ts') path: string;
  @Num('First line, from 1.', 12) startLine: number;
  @Num('Last line.', 14) endLine: number;
  @OneOf(FINDING_SEVERITIES, 'Severity.', { example: 'medium' }) severity: Finding['severity'];
  @Text('Title.', 'Off by one') title: string;
  @Text('Description in Markdown.', 'The first week of a year can begin in December.') body: string;
  @OneOf(FINDING_STATUSES, 'Current status.', { meanings: FINDING_STATUS_MEANINGS }) status: Finding['status'];
  @When('When it was created.') createdAt: Date;
}

export class UpdateFindingDto {
  @OneOf(FINDING_STATUSES, 'New status.', { meanings: FINDING_STATUS_MEANINGS, example: 'open' })
  @IsIn(FINDING_STATUSES, { message: `must be one of ${FINDING_STATUSES.join(', ')}` })
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
    status: FINDING_STATUSES,
  },
}) {}
