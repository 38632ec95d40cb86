/** A CI check on a commit. */
export interface CheckRun {
  /** Id on the forge; a repeated check has a new one. */
  id: string;
  name: string;
  headCommit: string;
  state: 'pending' | 'passed' | 'failed';
  url: string | null;
  /** The check's own summary of its result. */
  summary: string;
  completedAt: Date | null;
}

/** The stored state of a check run on a commit of a change. */
export interface StoredCheckRun extends Pick<CheckRun, 'name' | 'headCommit' | 'state' | 'url' | 'completedAt'> {
  id: string;
  repositoryId: string;
  changeId: string;
  externalId: string;
  updatedAt: Date;
}
