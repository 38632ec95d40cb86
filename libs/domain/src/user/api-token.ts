import type { Permission } from '@teko/contracts';

/** A key of a user for programs. Only the hash of its secret is stored. */
export interface ApiToken {
  id: string;
  userId: string;
  name: string;
  /** How it begins, to tell tokens apart. */
  prefix: string;
  tokenHash: string;
  /** It may do no more than these, and never more than its user. */
  scopes: Permission[];
  expiresAt: Date;
  lastUsedAt: Date | null;
  createdAt: Date;
}
