import type { Repository } from '../repository/repository';
import type { CheckRun } from './check-run';
import type { ExternalComment } from './external-comment';
import type { Forge, ForgePermission } from './forge';
import type { PullRequest, PullRequestInput } from './pull-request';

/** Forwards each call to the forge of the repository. */
export class ForgeRouter implements Forge {
  constructor(private readonly forges: Record<Repository['forge'], Forge>) {}

  pushBranch(repository: Repository, branch: string, commit: string, expected: string | null): Promise<void> {
    return this.of(repository).pushBranch(repository, branch, commit, expected);
  }

  branchCommit(repository: Repository, branch: string): Promise<string | null> {
    return this.of(repository).branchCommit(repository, branch);
  }

  permissionOf(repository: Repository, login: string): Promise<ForgePermission | null> {
    return this.of(repository).permissionOf(repository, login);
  }

  openPullRequest(repository: Repository, draft: PullRequestInput): Promise<PullRequest | null> {
    return this.of(repository).openPullRequest(repository, draft);
  }

  updatePullRequest(
    repository: Repository,
    number: number,
    patch: Parameters<Forge['updatePullRequest']>[2],
  ): Promise<void> {
    return this.of(repository).updatePullRequest(repository, number, patch);
  }

  addLabelsAndReviewers(
    repository: Repository,
    number: number,
    additions: { labels: string[]; owners: string[] },
  ): Promise<void> {
    return this.of(repository).addLabelsAndReviewers(repository, number, additions);
  }

  pullRequest(repository: Repository, number: number): Promise<PullRequest | null> {
    return this.of(repository).pullRequest(repository, number);
  }

  reviews(repository: Repository, number: number): Promise<ExternalComment[]> {
    return this.of(repository).reviews(repository, number);
  }

  checkRuns(repository: Repository, commit: string): Promise<CheckRun[]> {
    return this.of(repository).checkRuns(repository, commit);
  }

  checkRunLog(repository: Repository, check: CheckRun): Promise<string> {
    return this.of(repository).checkRunLog(repository, check);
  }

  rerunCheck(repository: Repository, check: CheckRun): Promise<boolean> {
    return this.of(repository).rerunCheck(repository, check);
  }

  private of({ forge }: Repository): Forge {
    return this.forges[forge];
  }
}
