import type { Repository } from '../repository/repository';
import type { CheckRun } from './check-run';
import type { ExternalComment } from './external-comment';
import type { PullRequest, PullRequestDraft } from './pull-request';

/*
 * The ports of forges and trackers. Every call has a time-out of its own and throws UnavailableError of service `forge`
 * where the outside does not answer or asks to come back later, and DomainError where it refuses for good.
 */

/** A call that makes something may still be under way in a process that died: for so long it may yet arrive. */
export const FORGE_TIMEOUT_MS = 15_000;

/** Where branches and pull requests live. A forge that keeps no pull requests answers null or nothing. */
export interface Forge {
  /** Points `branch` at `commit`; moving it from anything but `expected` (null: must not exist, or already be `commit`) throws ConflictError. */
  pushBranch(repository: Repository, branch: string, commit: string, expected: string | null): Promise<void>;
  branchCommit(repository: Repository, branch: string): Promise<string | null>;
  /** What the account may do there; null where the forge has no accounts. */
  permissionOf(repository: Repository, login: string): Promise<ForgePermission | null>;
  /** Opens the pull request of a branch, or answers the one that is open for it already. */
  openPullRequest(repository: Repository, draft: PullRequestDraft): Promise<PullRequest | null>;
  /** `isDraft: false` makes a draft ready for review. */
  updatePullRequest(
    repository: Repository,
    number: number,
    patch: { title?: string; body?: string; isDraft?: false },
  ): Promise<void>;
  /** Asks for reviews and puts labels on. What the forge refuses (no such person, the author) is left out. Owners are `login` or `org/team`. */
  addLabelsAndReviewers(
    repository: Repository,
    number: number,
    more: { labels: string[]; owners: string[] },
  ): Promise<void>;
  pullRequest(repository: Repository, number: number): Promise<PullRequest | null>;
  /** Reviews and their comments, the oldest first. */
  reviews(repository: Repository, number: number): Promise<ExternalComment[]>;
  /** Check runs and commit statuses; of each name the newest, and of several that run at once the worst. */
  checkRuns(repository: Repository, commit: string): Promise<CheckRun[]>;
  /** The end of what the check printed; what it says itself where there is no log. */
  checkRunLog(repository: Repository, check: CheckRun): Promise<string>;
  /** Asks CI to do it again; false where it cannot be asked. */
  rerunCheck(repository: Repository, check: CheckRun): Promise<boolean>;
}

export type ForgePermission = 'none' | 'read' | 'write' | 'admin';

export const Forge = Symbol('Forge');
