import type { Json } from './github-http';

/** What the emulator does not keep of a pull request, or keeps wrong. */
export interface PullState {
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

export class PullBook {
  readonly all: PullState[] = [];
  /** Review that each comment on a line belongs to. */
  readonly reviewOf = new Map<number, number>();

  find(repository: string, number: number): PullState | undefined {
    return this.all.find((pull) => pull.repository === repository && pull.number === number);
  }

  openOf(headRepository: string, headBranch: string): PullState[] {
    return this.all.filter(
      (pull) => pull.isOpen && pull.headRepository === headRepository && pull.headBranch === headBranch,
    );
  }
}
