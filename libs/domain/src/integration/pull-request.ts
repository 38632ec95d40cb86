export interface PullRequest {
  number: number;
  title: string;
  url: string;
  isOpen: boolean;
  isMerged: boolean;
  isDraft: boolean;
  headBranch: string;
  headCommit: string;
  /** `owner/name` of the head repository; null if it was deleted. */
  headRepository: string | null;
  baseBranch: string;
  /** False if there are merge conflicts; null while the forge is still computing it. */
  isMergeable: boolean | null;
  updatedAt: Date;
}

/** Data of a pull request to open. */
export interface PullRequestInput {
  title: string;
  body: string;
  branch: string;
  baseBranch: string;
  isDraft: boolean;
}
