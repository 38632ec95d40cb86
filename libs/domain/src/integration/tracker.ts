import type { Repository } from '../repository/repository';
import type { ExternalComment, ExternalCommentRef } from './external-comment';
import type { ExternalUser } from './external-user';
import type { Issue } from './issue';

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
