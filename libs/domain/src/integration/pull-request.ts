export interface PullRequest {
  number: number;
  title: string;
  url: string;
  isOpen: boolean;
  isMerged: boolean;
  isDraft: boolean;
  headBranch: string;
  headCommit: string;
  /** `owner/name` of the repository that the branch is in; null where that is gone. */
  headRepository: string | null;
  baseBranch: string;
  /** False where it is in conflict with its base; null while the forge has not found out. */
  isMergeable: boolean | null;
  updatedAt: Date;
}

/** What is to be on a pull request when it is opened. */
export interface PullRequestDraft {
  title: string;
  body: string;
  branch: string;
  baseBranch: string;
  isDraft: boolean;
}
