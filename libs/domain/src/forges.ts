import type { Check, Pull, PullDraft, Remark } from './outside';
import type { Forge, ForgeRight } from './forge-ports';
import type { Repository } from './repository';

/** Asks the forge that a repository is on. */
export class Forges implements Forge {
  constructor(private readonly forges: Record<Repository['forge'], Forge>) {}

  pushBranch(repository: Repository, branch: string, commit: string, expected: string | null): Promise<void> {
    return this.of(repository).pushBranch(repository, branch, commit, expected);
  }

  branchCommit(repository: Repository, branch: string): Promise<string | null> {
    return this.of(repository).branchCommit(repository, branch);
  }

  rightOf(repository: Repository, login: string): Promise<ForgeRight | null> {
    return this.of(repository).rightOf(repository, login);
  }

  openPull(repository: Repository, draft: PullDraft): Promise<Pull | null> {
    return this.of(repository).openPull(repository, draft);
  }

  updatePull(repository: Repository, number: number, patch: Parameters<Forge['updatePull']>[2]): Promise<void> {
    return this.of(repository).updatePull(repository, number, patch);
  }

  decoratePull(repository: Repository, number: number, more: { labels: string[]; owners: string[] }): Promise<void> {
    return this.of(repository).decoratePull(repository, number, more);
  }

  pull(repository: Repository, number: number): Promise<Pull | null> {
    return this.of(repository).pull(repository, number);
  }

  reviews(repository: Repository, number: number): Promise<Remark[]> {
    return this.of(repository).reviews(repository, number);
  }

  checks(repository: Repository, commit: string): Promise<Check[]> {
    return this.of(repository).checks(repository, commit);
  }

  checkLog(repository: Repository, check: Check): Promise<string> {
    return this.of(repository).checkLog(repository, check);
  }

  repeatCheck(repository: Repository, check: Check): Promise<boolean> {
    return this.of(repository).repeatCheck(repository, check);
  }

  private of({ forge }: Repository): Forge {
    return this.forges[forge];
  }
}
