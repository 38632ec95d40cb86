/** One check of CI on a commit. */
export interface CheckRun {
  /** The forge's identifier; a repeated check has a new one. */
  id: string;
  name: string;
  headCommit: string;
  state: 'pending' | 'passed' | 'failed';
  url: string | null;
  /** What the check itself says of its result. */
  summary: string;
  completedAt: Date | null;
}

/** A result of CI on a commit that Teko follows. */
export interface StoredCheckRun extends Pick<CheckRun, 'name' | 'headCommit' | 'state' | 'url' | 'completedAt'> {
  id: string;
  repositoryId: string;
  changeId: string;
  externalId: string;
  updatedAt: Date;
}
