import type { ExternalComment } from './external-comment';
import type { ExternalRepository } from './external-repository';
import type { ExternalUser } from './external-user';
import type { Issue } from './issue';
import type { PullRequest } from './pull-request';

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
