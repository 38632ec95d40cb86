import type { Json } from './github-http';

/** What the emulator does not keep of a pull request, or keeps wrong. */
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
  /** Of a push, which the emulator does not see. */
  touchedAt: string | null;
  /** Pair of commits for which a merge was tried; GitHub answers `null` to the first question. */
  mergeTried: string | null;
  /** Labels put on and taken off, as the list of an issue's events has them. */
  events: Json[];
}

export class PullRequestStore {
  readonly all: PullRequestState[] = [];
  /** Review that each comment on a line belongs to. */
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
