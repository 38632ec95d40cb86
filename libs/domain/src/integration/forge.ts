import type { Repository } from '../repository/repository';
import type { CheckRun } from './check-run';
import type { ExternalComment } from './external-comment';
import type { PullRequest, PullRequestInput } from './pull-request';

/*
 * The ports of forges and trackers. Every call has a timeout. It throws UnavailableError with the service `forge` if the
 * forge is unreachable or limits requests, and DomainError if the forge rejects the request permanently.
 */

/** Timeout of a request. After a crash, a request of the old process can still arrive within this time. */
export const FORGE_TIMEOUT_MS = 15_000;

/** Branches, pull requests and checks. A forge without pull requests returns null or an empty list. */
export interface Forge {
  /** Pushes `commit` to `branch`. Throws ConflictError if the branch is neither at `expected` (null: must not exist) nor already at `commit`. */
  pushBranch(repository: Repository, branch: string, commit: string, expected: string | null): Promise<void>;
  /** Returns the current commit of the branch, or null if the branch does not exist. */
  branchCommit(repository: Repository, branch: string): Promise<string | null>;
  /** Returns the permission of an account on the repository, or null if the forge has no accounts. */
  permissionOf(repository: Repository, login: string): Promise<ForgePermission | null>;
  /** Opens a pull request for a branch, or returns the one that is already open. */
  openPullRequest(repository: Repository, draft: PullRequestInput): Promise<PullRequest | null>;
  /** Updates title, body or draft state; `isDraft: false` marks a draft as ready for review. */
  updatePullRequest(
    repository: Repository,
    number: number,
    patch: { title?: string; body?: string; isDraft?: false },
  ): Promise<void>;
  /** Adds labels and requests reviews. Owners are `login` or `org/team`; those the forge rejects (unknown user, the author) are skipped. */
  addLabelsAndReviewers(
    repository: Repository,
    number: number,
    additions: { labels: string[]; owners: string[] },
  ): Promise<void>;
  /** Returns the pull request, or null if it does not exist. */
  pullRequest(repository: Repository, number: number): Promise<PullRequest | null>;
  /** Returns reviews and their comments, oldest first. */
  reviews(repository: Repository, number: number): Promise<ExternalComment[]>;
  /** Returns check runs and commit statuses: per name the newest one, or the worst of several that run in parallel. */
  checkRuns(repository: Repository, commit: string): Promise<CheckRun[]>;
  /** Returns the end of the check's log, or its summary if there is no log. */
  checkRunLog(repository: Repository, check: CheckRun): Promise<string>;
  /** Requests a rerun of the check. Returns false if the CI system does not support it. */
  rerunCheck(repository: Repository, check: CheckRun): Promise<boolean>;
}

export type ForgePermission = 'none' | 'read' | 'write' | 'admin';

export const Forge = Symbol('Forge');
