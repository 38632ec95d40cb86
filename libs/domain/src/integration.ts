/* What forges and trackers tell, in words of our own: no adapter's shapes reach the flow. */

/** Who said or did something outside. */
export interface ExternalUser {
  /** The account's own identifier, which survives renames. */
  id: string;
  login: string;
  /** What a program says never starts or answers anything. */
  isBot: boolean;
}

/** A repository that a connection can see. */
export interface ExternalRepository {
  forgeId: string;
  /** `owner/name`. */
  forgeName: string;
  /** Git URL, without a credential. */
  url: string;
  defaultBranch: string;
  archived: boolean;
  private: boolean;
  description: string | null;
}

export interface Issue {
  number: number;
  title: string;
  body: string;
  url: string;
  isOpen: boolean;
  /** A closed one: whether the work was done. */
  isCompleted: boolean;
  author: ExternalUser;
  labels: string[];
  /** Logins. */
  assignees: string[];
  /** Pull requests are issues too. */
  isPullRequest: boolean;
  updatedAt: Date;
}

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

export interface PullRequest {
  number: number;
  title: string;
  url: string;
  isOpen: boolean;
  isMerged: boolean;
  isDraft: boolean;
  headBranch: string;
  headCommit: string;
  /** `owner/name` of the repository that the branch is in; null where that is gone. */
  headRepository: string | null;
  baseBranch: string;
  /** False where it is in conflict with its base; null while the forge has not found out. */
  isMergeable: boolean | null;
  updatedAt: Date;
}

/** What is to be on a pull request when it is opened. */
export interface PullRequestDraft {
  title: string;
  body: string;
  branch: string;
  baseBranch: string;
  isDraft: boolean;
}

/** One check of CI on a commit. */
export interface CheckRun {
  /** The forge's identifier; a repeated check has a new one. */
  id: string;
  name: string;
  headCommit: string;
  state: 'pending' | 'passed' | 'failed';
  url: string | null;
  /** What the check itself says of its result. */
  summary: string;
  completedAt: Date | null;
}

/** Something that happened outside, from a webhook or found by asking. */
export type ExternalEvent =
  | {
      type: 'issue';
      action: 'opened' | 'edited' | 'labelled' | 'assigned' | 'closed' | 'reopened' | 'other';
      issue: Issue;
      actor: ExternalUser;
      /** When that was; null where nobody can tell. */
      at: Date | null;
      /** Put on it: the label of `labelled`. */
      label: string | null;
      /** Login of `assigned`. */
      assignee: string | null;
    }
  | {
      type: 'comment';
      action: 'created' | 'edited' | 'deleted';
      externalComment: ExternalComment;
      /** The issue it is on, where the message tells it. */
      issue: Issue | null;
      actor: ExternalUser;
    }
  | { type: 'pull_request'; pullRequest: PullRequest; actor: ExternalUser }
  | { type: 'check_runs'; headCommit: string }
  | { type: 'push'; branch: string; commit: string | null }
  | { type: 'repository'; repository: ExternalRepository; isGone: boolean };

/** What a webhook's payload comes to. */
export interface ParsedWebhook {
  /** The forge's identifier of the repository it is about; null where it is about none. */
  forgeId: string | null;
  action: string | null;
  /** Messages of one subject are handled in order. */
  subject: string;
  /** Null where nothing is to be done, and `ignored` says why. */
  externalEvent: ExternalEvent | null;
  ignored: string | null;
}
