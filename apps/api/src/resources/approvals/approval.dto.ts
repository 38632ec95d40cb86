import { APPROVAL_KINDS, APPROVAL_STATUSES } from '@teko/contracts';
import type { Approval } from '@teko/domain';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { Id, OneOf, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

const COMMIT = '3f2a9c1d0b7e4f5a6c8d9e0f1a2b3c4d5e6f7a8b';
const HASH = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

/** A question to people before an agent begins or a change leaves Teko. */
export class ApprovalDto implements Approval {
  @Id('Identifier.') id: string;
  @Id('Run.') runId: string;
  @Id('Task.') taskId: string;
  @Id('Repository.') repositoryId: string;
  @OneOf(APPROVAL_KINDS, 'What it is about.') kind: Approval['kind'];
  @OneOf(APPROVAL_STATUSES, 'What was answered.') status: Approval['status'];
  @Text('Why somebody is asked.', 'It changes what CI runs: .github/workflows/ci.yml.', { isArray: true })
  reasons: string[];
  @Text('Title of the change.', 'Count ISO weeks') title: string;
  @Text('The plan; null for a change.', 'Count ISO weeks, test with leap years.', { nullable: true }) text:
    string | null;
  @Text('Files that the plan names; null for a change.', 'src/week.ts', { nullable: true, isArray: true })
  files: string[] | null;
  @Text('Commit it starts from.', COMMIT) baseCommit: string;
  @Text('Its last commit.', COMMIT) headCommit: string;
  @Text('Stands for exactly what is asked: commit, title, summary and the text of the task.', HASH) subjectHash: string;
  @Id('Who answered.', { nullable: true }) decidedById: string | null;
  @Text('Name of who answered.', 'Ada', { nullable: true }) decidedByName: string | null;
  @Text('What was said to it.', 'Looks right.', { nullable: true }) note: string | null;
  @When('Asked.') createdAt: Date;
  @When('Answered.', { nullable: true }) decidedAt: Date | null;
}

export class DecideApprovalDto {
  @OneOf(['approved', 'rejected'], 'The answer.')
  @IsIn(['approved', 'rejected'], { message: 'must be approved or rejected' })
  decision: 'approved' | 'rejected';

  @Text('The `subjectHash` of what you have seen.', HASH)
  @IsString({ message: 'must be text' })
  @MaxLength(64, { message: 'is too long' })
  subjectHash: string;

  @Text('What you have to say to it.', 'Looks right.', { required: false, maxLength: 2000 })
  @IsOptional()
  @IsString({ message: 'must be text' })
  @MaxLength(2000, { message: 'is too long' })
  note?: string;
}

export class ApprovalListQuery extends listQueryOf({
  sort: ['createdAt'],
  order: 'DESC',
  filters: { runId: null, taskId: null, repositoryId: null, status: APPROVAL_STATUSES },
}) {}
