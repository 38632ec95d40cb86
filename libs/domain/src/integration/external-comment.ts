import type { ExternalUser } from './external-user';

/** Identifies an external comment or the issue itself. */
export type ExternalCommentRef = Pick<ExternalComment, 'kind' | 'id' | 'number'> | { kind: 'issue'; number: number };

export const EXTERNAL_COMMENT_KINDS = ['issue_comment', 'review', 'review_comment'] as const;

export type ExternalCommentKind = (typeof EXTERNAL_COMMENT_KINDS)[number];

/** A comment on an issue or a pull request on the forge. Kind and id are unique together. */
export interface ExternalComment {
  kind: ExternalCommentKind;
  id: string;
  /** Number of the issue or pull request. */
  number: number;
  author: ExternalUser;
  body: string;
  url: string;
  /** Verdict of a review; null for comments. */
  verdict: 'approved' | 'changes_requested' | 'commented' | null;
  /** For review comments: id of the first comment in the thread, and the commented place. */
  threadId: string | null;
  path: string | null;
  line: number | null;
  createdAt: Date;
  updatedAt: Date;
}
