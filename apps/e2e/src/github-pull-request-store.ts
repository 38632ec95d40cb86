import type { Json } from './github-http';

/** State of a pull request that the backend does not store, or stores incorrectly. */
export interface PullRequestState {
  repository: string;
  number: number;
  nodeId: string;
  author: string;
  isOpen: boolean;
  baseBranch: string;
  headRepository: string;
  headBranch: string;
  headCommit: string;
  mergeCommit: string | null;
  /** Time of the last push, which the backend does not notice. */
  pushedAt: string | null;
  /** Base and head whose mergeability is known. GitHub returns `null` for the first request. */
  mergeabilityKey: string | null;
  /** `labeled` and `unlabeled` events, in the format of the issue events API. */
  events: Json[];
}

export class PullRequestStore {
  readonly all: PullRequestState[] = [];
  /** Review ids by the id of a review comment. */
  readonly reviewOf = new Map<number, number>();

  find(repository: string, number: number): PullRequestState | undefined {
    return this.all.find((pullRequest) => pullRequest.repository === repository && pullRequest.number === number);
  }

  openOf(headRepository: string, headBranch: string): PullRequestState[] {
    return this.all.filter(
      (pullRequest) =>
        pullRequest.isOpen && pullRequest.headRepository === headRepository && pullRequest.headBranch === headBranch,
    );
  }
}
