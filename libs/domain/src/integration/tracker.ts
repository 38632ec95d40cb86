import type { Repository } from '../repository/repository';
import type { ExternalComment, ExternalCommentRef } from './external-comment';
import type { ExternalUser } from './external-user';
import type { Issue } from './issue';

/** Issues and their comments. */
export interface Tracker {
  /** Returns the issue, or null if it does not exist. */
  issue(repository: Repository, number: number): Promise<Issue | null>;
  /** Returns issues and pull requests that changed since `since`, least recently changed first. */
  issuesSince(repository: Repository, since: Date): Promise<Issue[]>;
  /** Returns comments on issues and pull requests created or changed since `since`. Reviews are read from the forge. */
  commentsSince(repository: Repository, since: Date): Promise<ExternalComment[]>;
  /** Returns all comments of an issue or pull request, oldest first. */
  comments(repository: Repository, number: number): Promise<ExternalComment[]>;
  /** Returns the user who last added this label or assigned this login, or null if unknown. */
  findRequester(
    repository: Repository,
    number: number,
    trigger: { label: string } | { assignee: string },
  ): Promise<ExternalUser | null>;
  /** Posts a comment; with `threadId` as a reply in a review thread. Not retried internally. */
  comment(repository: Repository, number: number, body: string, threadId: string | null): Promise<ExternalComment>;
  /** Replaces the body of a comment. */
  editComment(repository: Repository, externalComment: ExternalCommentRef, body: string): Promise<void>;
  /** Deletes a comment. Does nothing if it does not exist. */
  deleteComment(repository: Repository, externalComment: ExternalCommentRef): Promise<void>;
  /** Adds a reaction that shows the comment was received. Does nothing if reactions are not supported. */
  acknowledge(repository: Repository, externalComment: ExternalCommentRef): Promise<void>;
  closeIssue(repository: Repository, number: number): Promise<void>;
}

export const Tracker = Symbol('Tracker');
