import type { ExternalUser } from './external-user';

/** Names a remark, or an issue itself. */
export type ExternalCommentRef = Pick<ExternalComment, 'kind' | 'id' | 'number'> | { kind: 'issue'; number: number };

export const EXTERNAL_COMMENT_KINDS = ['issue_comment', 'review', 'review_comment'] as const;

export type ExternalCommentKind = (typeof EXTERNAL_COMMENT_KINDS)[number];

/** Something that was said on an issue or a pull request. Kind and id name it together. */
export interface ExternalComment {
  kind: ExternalCommentKind;
  id: string;
  /** Of the issue or pull request. */
  number: number;
  author: ExternalUser;
  body: string;
  url: string;
  /** What a review comes to; null for comments. */
  verdict: 'approved' | 'changes_requested' | 'commented' | null;
  /** Review comments: the first comment of its thread, and the place it is about. */
  threadId: string | null;
  path: string | null;
  line: number | null;
  createdAt: Date;
  updatedAt: Date;
}
