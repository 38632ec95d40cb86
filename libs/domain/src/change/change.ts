import type { ChangeStatus } from '@teko/contracts';

/**
 * Branch, commits and pull request of a task's run. `runId` is the latest run that updated it; a local repository has no pull
 * request.
 */
export interface Change {
  id: string;
  number: number;
  repositoryId: string;
  taskId: string;
  runId: string;
  title: string;
  body: string;
  branch: string;
  baseBranch: string;
  baseCommit: string;
  headCommit: string;
  status: ChangeStatus;
  /** Number and URL of the pull request; null if it is not open yet or the forge has no pull requests. */
  pullRequestNumber: number | null;
  url: string | null;
  filesChanged: number;
  additions: number;
  deletions: number;
  demo: boolean;
  createdAt: Date;
  updatedAt: Date;
}
