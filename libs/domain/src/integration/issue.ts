import type { ExternalUser } from './external-user';

export interface Issue {
  number: number;
  title: string;
  body: string;
  url: string;
  isOpen: boolean;
  /** Whether the issue was closed as completed. */
  isCompleted: boolean;
  author: ExternalUser;
  labels: string[];
  /** Logins. */
  assignees: string[];
  /** On GitHub, pull requests are issues too. */
  isPullRequest: boolean;
  updatedAt: Date;
}
