import type { ExternalComment } from './external-comment';
import type { ExternalRepository } from './external-repository';
import type { ExternalUser } from './external-user';
import type { Issue } from './issue';
import type { PullRequest } from './pull-request';

/** Something that happened on the forge, received as a webhook or found by polling. */
export type ExternalEvent =
  | {
      type: 'issue';
      action: 'opened' | 'edited' | 'labelled' | 'assigned' | 'closed' | 'reopened' | 'other';
      issue: Issue;
      actor: ExternalUser;
      /** When it happened; null if unknown. */
      at: Date | null;
      /** Label that was added; set for `labelled`. */
      label: string | null;
      /** Login that was assigned; set for `assigned`. */
      assignee: string | null;
    }
  | {
      type: 'comment';
      action: 'created' | 'edited' | 'deleted';
      externalComment: ExternalComment;
      /** The issue that was commented on; null if the payload does not contain it. */
      issue: Issue | null;
      actor: ExternalUser;
    }
  | { type: 'pull_request'; pullRequest: PullRequest; actor: ExternalUser }
  | { type: 'check_runs'; headCommit: string }
  | { type: 'push'; branch: string; commit: string | null }
  | { type: 'repository'; repository: ExternalRepository; isDeleted: boolean };
