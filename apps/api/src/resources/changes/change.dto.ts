import { CHANGE_STATUS_MEANINGS, CHANGE_STATUSES } from '@teko/contracts';
import type { Change, ChangeDiff } from '@teko/domain';
import { Flag, Id, Nested, Num, OneOf, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

const COMMIT = '3f2a9c1d0b7e4f5a6c8d9e0f1a2b3c4d5e6f7a8b';
const BASE_COMMIT = '9b1d7e6f5a4c3b2d1e0f9a8b7c6d5e4f3a2b1c0d';
const PATCH = '--- a/src/week.ts\n+++ b/src/week.ts\n@@ -1 +1 @@\n-export const first = 0;\n+export const first = 1;\n';

/** Branch, commits and pull request of a task's run. */
export class ChangeDto implements Change {
  @Id('Unique ID.') id: string;
  @Num('Sequential number, for display.', 3) number: number;
  @Id('ID of the repository.') repositoryId: string;
  @Id('ID of the task.') taskId: string;
  @Id('ID of the latest run that updated it.') runId: string;
  @Text('Title.', 'Count ISO weeks') title: string;
  @Text('Description in Markdown.', 'Weeks now follow ISO 8601.') body: string;
  @Text('Branch.', 'teko/12-weeks') branch: string;
  @Text('Base branch.', 'main') baseBranch: string;
  @Text('Base commit.', BASE_COMMIT) baseCommit: string;
  @Text('Head commit.', COMMIT) headCommit: string;
  @OneOf(CHANGE_STATUSES, 'Current status.', { meanings: CHANGE_STATUS_MEANINGS, example: 'open' })
  status: Change['status'];
  @Num('Number of the pull request; null if there is none, as for a local repository.', 7, { nullable: true })
  pullRequestNumber: number | null;
  @Text('URL of the pull request.', 'https://github.com/acme/billing/pull/7', { nullable: true })
  url: string | null;
  @Num('Number of changed files.', 2) filesChanged: number;
  @Num('Number of added lines.', 14) additions: number;
  @Num('Number of deleted lines.', 3) deletions: number;
  @Flag('Whether it belongs to the demo workspace.', false) demo: boolean;
  @When('When it was created.') createdAt: Date;
  @When('When it was last updated.') updatedAt: Date;
}

export class DiffFileDto {
  @Text('Path.', 'src/week.ts') path: string;
  @Text('Path before a rename.', 'src/weeks.ts', { nullable: true, example: null }) oldPath: string | null;
  @OneOf(['added', 'modified', 'deleted', 'renamed'], 'How the file was changed.', { example: 'modified' })
  status: ChangeDiff['files'][number]['status'];
  @Num('Number of added lines.', 1) additions: number;
  @Num('Number of deleted lines.', 1) deletions: number;
  @Flag('Whether the file is binary.', false) binary: boolean;
}

/** The diff of a change. */
export class ChangeDiffDto implements ChangeDiff {
  @Text('Unified diff.', PATCH) patch: string;
  @Flag('Whether the diff was truncated at 2 MB.', false) truncated: boolean;
  @Nested(() => DiffFileDto, 'Changed files.', { isArray: true }) files: DiffFileDto[];
}

export class ChangeListQuery extends listQueryOf({
  sort: ['createdAt', 'number', 'title', 'status'],
  order: 'DESC',
  search: 'Searches in title and branch.',
  filters: { status: CHANGE_STATUSES, repositoryId: null, taskId: null, runId: null, demo: ['true', 'false'] },
}) {}
