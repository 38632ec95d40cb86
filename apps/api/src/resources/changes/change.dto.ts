import { CHANGE_STATUSES } from '@teko/contracts';
import type { Change, ChangeDiff } from '@teko/domain';
import { Flag, Id, Nested, Num, OneOf, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

const COMMIT = '3f2a9c1d0b7e4f5a6c8d9e0f1a2b3c4d5e6f7a8b';

/** Branch, commits and change request of a run. */
export class ChangeDto implements Change {
  @Id('Identifier.') id: string;
  @Num('Short number people say.', 3) number: number;
  @Id('Repository.') repositoryId: string;
  @Id('Task.') taskId: string;
  @Id('Run.') runId: string;
  @Text('Title.', 'Count ISO weeks') title: string;
  @Text('Markdown.', 'Weeks now follow ISO 8601.') body: string;
  @Text('Branch.', 'teko/12-weeks') branch: string;
  @Text('Branch it is for.', 'main') baseBranch: string;
  @Text('Commit it starts from.', COMMIT) baseCommit: string;
  @Text('Its last commit.', COMMIT) headCommit: string;
  @OneOf(CHANGE_STATUSES, 'Where it stands.') status: Change['status'];
  @Num('Number of the pull request; null where the forge keeps none.', 7, { nullable: true }) pullRequestNumber:
    number | null;
  @Text('Where to read the pull request.', 'https://github.com/acme/billing/pull/7', { nullable: true })
  url: string | null;
  @Num('Files changed.', 2) filesChanged: number;
  @Num('Lines added.', 14) additions: number;
  @Num('Lines deleted.', 3) deletions: number;
  @Flag('Belongs to the demo workspace.', false) demo: boolean;
  @When('Created.') createdAt: Date;
  @When('Last changed.') updatedAt: Date;
}

export class DiffFileDto {
  @Text('Path.', 'src/week.ts') path: string;
  @Text('Path before a rename.', 'src/weeks.ts', { nullable: true }) oldPath: string | null;
  @OneOf(['added', 'modified', 'deleted', 'renamed'], 'What happened to it.')
  status: ChangeDiff['files'][number]['status'];
  @Num('Lines added.', 14) additions: number;
  @Num('Lines deleted.', 3) deletions: number;
  @Flag('Not text.', false) binary: boolean;
}

/** What a change alters. */
export class ChangeDiffDto implements ChangeDiff {
  @Text('Unified diff.', '--- a/src/week.ts\n+++ b/src/week.ts\n') patch: string;
  @Flag('The diff was cut at 2 MB.', false) truncated: boolean;
  @Nested(() => DiffFileDto, 'Files.', { isArray: true }) files: DiffFileDto[];
}

export class ChangeListQuery extends listQueryOf({
  sort: ['createdAt', 'number', 'title', 'status'],
  order: 'DESC',
  search: 'Text in title or branch.',
  filters: { status: CHANGE_STATUSES, repositoryId: null, taskId: null, runId: null, demo: ['true', 'false'] },
}) {}
