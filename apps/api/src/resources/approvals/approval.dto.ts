import { APPROVAL_KINDS, APPROVAL_RULES, APPROVAL_STATUSES, APPROVERS } from '@teko/contracts';
import type { Approval, SensitiveFile } from '@teko/domain';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { Id, Nested, OneOf, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

const COMMIT = '3f2a9c1d0b7e4f5a6c8d9e0f1a2b3c4d5e6f7a8b';
const BASE_COMMIT = '9b1d7e6f5a4c3b2d1e0f9a8b7c6d5e4f3a2b1c0d';
const HASH = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

/** A file that needs approval, and why. */
export class SensitiveFileDto implements SensitiveFile {
  @Text('Path of the file.', '.github/workflows/ci.yml') path: string;
  @Text('Why it needs approval.', 'CI or the forge reads it.') reason: string;
}

/** A request to approve a plan before the agent starts, or a change before it is submitted. */
export class ApprovalDto implements Approval {
  @Id('Unique ID.') id: string;
  @Id('ID of the run.') runId: string;
  @Id('ID of the task.') taskId: string;
  @Id('ID of the repository.') repositoryId: string;
  @OneOf(APPROVAL_KINDS, 'What has to be approved.', { example: 'change' }) kind: Approval['kind'];
  @OneOf(APPROVAL_STATUSES, 'Current status.', { example: 'approved' }) status: Approval['status'];
  @Text('Why approval is required.', 'It changes a sensitive file: .github/workflows/ci.yml.', { isArray: true })
  reasons: string[];
  @OneOf(APPROVAL_RULES, "The repository's rule when it was requested; null if it was requested by release 0.1.0.", {
    nullable: true,
    example: 'risky',
  })
  rule: Approval['rule'];
  @OneOf(APPROVERS, 'Who could approve when it was requested; null if it was requested by release 0.1.0.', {
    nullable: true,
    example: 'anyone',
  })
  approvers: Approval['approvers'];
  @Nested(() => SensitiveFileDto, 'Files that need approval, each with the reason; null for a plan.', {
    isArray: true,
    nullable: true,
  })
  sensitiveFiles: SensitiveFileDto[] | null;
  @Text('Title of the change.', 'Count ISO weeks') title: string;
  @Text('The plan in Markdown; null for a change.', 'Count ISO weeks, test with leap years.', {
    nullable: true,
    example: null,
  })
  text: string | null;
  @Text('Files that the plan lists; null for a change.', 'src/week.ts', {
    nullable: true,
    isArray: true,
    example: null,
  })
  files: string[] | null;
  @Text('Base commit of the change.', BASE_COMMIT) baseCommit: string;
  @Text('Head commit of the change.', COMMIT) headCommit: string;
  @Text('Hash of the content to approve: commit, title, summary and the text of the task.', HASH) subjectHash: string;
  @Id('ID of the user who decided.', { nullable: true }) decidedById: string | null;
  @Text('Name of the user who decided.', 'Ada', { nullable: true }) decidedByName: string | null;
  @Text('Note of the user who decided.', 'Looks right.', { nullable: true }) note: string | null;
  @When('When it was requested.') createdAt: Date;
  @When('When it was decided.', { nullable: true }) decidedAt: Date | null;
}

export class DecideApprovalDto {
  @OneOf(['approved', 'rejected'], 'The decision.')
  @IsIn(['approved', 'rejected'], { message: 'must be approved or rejected' })
  decision: 'approved' | 'rejected';

  @Text('The `subjectHash` of the approval you reviewed.', HASH)
  @IsString({ message: 'must be text' })
  @MaxLength(64, { message: 'is too long' })
  subjectHash: string;

  @Text('A note for the requester and the agent.', 'Looks right.', { required: false, maxLength: 2000 })
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
