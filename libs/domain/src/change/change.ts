import type { ChangeStatus } from '@teko/contracts';

/** Branch, commits and change request of a run. */
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
  /** Number and address of the pull request; null where the forge keeps none. */
  pullRequestNumber: number | null;
  url: string | null;
  filesChanged: number;
  additions: number;
  deletions: number;
  demo: boolean;
  createdAt: Date;
  updatedAt: Date;
}
