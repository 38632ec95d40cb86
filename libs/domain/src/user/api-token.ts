import type { Permission } from '@teko/contracts';

/** A user's token for API access. Only the hash of its secret is stored. */
export interface ApiToken {
  id: string;
  userId: string;
  name: string;
  /** First characters of the token, to tell tokens apart. */
  prefix: string;
  tokenHash: string;
  /** Permissions of the token. It never has more permissions than its user. */
  scopes: Permission[];
  expiresAt: Date;
  lastUsedAt: Date | null;
  createdAt: Date;
}
