import type { ListQuery, Page } from '@teko/contracts';
import type { Comment } from './task';
import type {
  CheckRun,
  Issue,
  ExternalUser,
  ExternalRepository,
  PullRequest,
  PullRequestDraft,
  ExternalComment,
  ParsedWebhook,
} from './integration';
import type { Repository } from './repository';
import type { StoredCheckRun, CommentLink, WebhookEvent } from './webhook-event';

/*
 * The ports of forges and trackers. Every call has a time-out of its own and throws UnavailableError of service `forge`
 * where the outside does not answer or asks to come back later, and DomainError where it refuses for good.
 */

/** A call that makes something may still be under way in a process that died: for so long it may yet arrive. */
export const FORGE_TIMEOUT_MS = 15_000;

/** A comment whose saying failed so often is not tried again. */
export const MAX_POST_ATTEMPTS = 20;

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

/** Names a remark, or an issue itself. */
export type ExternalCommentRef = Pick<ExternalComment, 'kind' | 'id' | 'number'> | { kind: 'issue'; number: number };

/** Where issues and what is said on them live. */
export interface Tracker {
  issue(repository: Repository, number: number): Promise<Issue | null>;
  /** Issues and pull requests that changed since then, the oldest change first. */
  issuesSince(repository: Repository, since: Date): Promise<Issue[]>;
  /** Comments on issues and pull requests that were written or changed since then. Reviews are the forge's. */
  commentsSince(repository: Repository, since: Date): Promise<ExternalComment[]>;
  /** All comments of one issue or pull request, the oldest first. */
  comments(repository: Repository, number: number): Promise<ExternalComment[]>;
  /** Who put this label on, or assigned this login, last; null where nobody can be named. */
  askedBy(
    repository: Repository,
    number: number,
    what: { label: string } | { assignee: string },
  ): Promise<ExternalUser | null>;
  /** Writes a comment; `threadId` makes it a reply in a thread of a review. Not repeated inside. */
  comment(repository: Repository, number: number, body: string, threadId: string | null): Promise<ExternalComment>;
  editComment(repository: Repository, externalComment: ExternalCommentRef, body: string): Promise<void>;
  /** One that is gone already is no error. */
  deleteComment(repository: Repository, externalComment: ExternalCommentRef): Promise<void>;
  /** Says that it was seen. Where it cannot be said nothing happens. */
  acknowledge(repository: Repository, externalComment: ExternalCommentRef): Promise<void>;
  closeIssue(repository: Repository, number: number): Promise<void>;
}
export const Tracker = Symbol('Tracker');

/** What stands between a connection and its use, found by trying. */
export interface Diagnosis {
  /** What was looked at: `credential`, `permissions`, `webhook`, `clock`, `reachability`. */
  name: string;
  ok: boolean;
  /** What was found. */
  detail: string;
  /** What to do about it; null where it is right. */
  remedy: string | null;
}

/** The way to a forge, as it is set up. */
export interface ForgeConnection {
  /** `app`, `token`, or null where none is set up. */
  readonly kind: 'app' | 'token' | null;
  /** Who Teko is there. */
  self(): Promise<ExternalUser>;
  /** Repositories that it can see, by name; `q` looks in name and description. */
  repositories(query: { q?: string; page: number; perPage: number }): Promise<Page<ExternalRepository>>;
  /** By `owner/name`, also by one that it had before; null where it cannot be seen. */
  repository(forgeName: string): Promise<ExternalRepository | null>;
  /** Tries everything that can be wrong. Never throws. */
  diagnose(): Promise<Diagnosis[]>;
}
export const ForgeConnection = Symbol('ForgeConnection');

/** Reads what a forge sends. */
export interface WebhookParser {
  /** Compares in constant time; false without a secret. */
  verify(body: Buffer, signature: string | undefined): boolean;
  /** Never throws: what cannot be read is ignored with the reason. */
  read(event: string, payload: unknown): ParsedWebhook;
}
export const WebhookParser = Symbol('WebhookParser');

/** Credentials of git on this host. They never leave the process but towards the forge. */
export interface GitCredentials {
  /**
   * Value of the Authorization header for this URL, valid for some minutes at least; null where none is needed or set up.
   * `refused` is one that was not taken: another is made, where one can be.
   */
  headerFor(url: string, refused?: string): Promise<string | null>;
}

/** Stores webhooks as they came. Source and delivery are unique together. */
export interface WebhookEventRepository {
  /** False where this delivery is stored already. */
  insert(event: Omit<WebhookEvent, 'number'>): Promise<boolean>;
  findById(id: string): Promise<WebhookEvent | null>;
  /**
   * The oldest pending event whose subject has no older pending one, with the right to handle it until `now + ttlMs`;
   * null where there is none. An event whose right ended before `now` can be had again.
   */
  claim(now: Date, ttlMs: number): Promise<WebhookEvent | null>;
  update(id: string, patch: Partial<WebhookEvent>): Promise<WebhookEvent>;
  /** Sort: number, receivedAt. Filters: source, event, status, repositoryId. `q` looks in delivery, event and subject. */
  list(query: ListQuery): Promise<Page<WebhookEvent>>;
  countByStatus(): Promise<Record<string, number>>;
  /** Deletes those that were handled or ignored before then. */
  prune(before: Date): Promise<void>;
}
export const WebhookEventRepository = Symbol('WebhookEventRepository');

/** Stores which comment is which remark outside. A comment has at most one, and so has a remark. */
export interface CommentLinkRepository {
  /** Stores comment and link in one transaction; where the remark is linked already, answers null and stores nothing. */
  insertWithComment(comment: Comment, link: CommentLink): Promise<Comment | null>;
  /** Answers the stored one where the comment has a link already. */
  insert(link: CommentLink): Promise<CommentLink>;
  update(id: string, patch: Partial<CommentLink>): Promise<CommentLink>;
  /** Moves `attemptedAt` and `dueAt` if `attemptedAt` is still `seen`; false where another process was first. */
  claim(id: string, seen: Date | null, patch: Pick<CommentLink, 'attemptedAt' | 'dueAt'>): Promise<boolean>;
  findByExternalComment(
    repositoryId: string,
    kind: CommentLink['kind'],
    externalId: string,
  ): Promise<CommentLink | null>;
  findByComment(commentId: string): Promise<CommentLink | null>;
  findByTask(taskId: string): Promise<CommentLink[]>;
  /** Comments on tasks that came from an issue, with no link yet: they are to be said outside. The oldest first. */
  findUnposted(limit: number): Promise<Comment[]>;
  /** Links whose comment is not as it was last said outside, that may be tried by `now`, and that failed less than MAX_POST_ATTEMPTS times. The oldest first. */
  findDue(now: Date, limit: number): Promise<CommentLink[]>;
  /** Trusted remarks of reviews, and of people who named Teko on a pull request, that no run works on: `isRequest`, and their comment has no run. The oldest first. */
  findRequests(limit: number): Promise<{ link: CommentLink; comment: Comment }[]>;
}
export const CommentLinkRepository = Symbol('CommentLinkRepository');

/** Stores results of CI. Repository and the forge's identifier are unique together. */
export interface CheckRunRepository {
  /** Stores it, or brings the stored one up to date. */
  save(result: StoredCheckRun): Promise<void>;
  findByCommit(repositoryId: string, headCommit: string): Promise<StoredCheckRun[]>;
  /** Names of checks that both failed and passed on one and the same commit. */
  findFlaky(repositoryId: string): Promise<string[]>;
}
export const CheckRunRepository = Symbol('CheckRunRepository');
