import type { ExternalUser } from './external-user';

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
