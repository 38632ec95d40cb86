import type { Permission } from '@teko/contracts';

export interface User {
  id: string;
  name: string;
  /** Lower case. */
  email: string | null;
  /** Names of roles that hold on every repository. */
  roles: string[];
  /** PHC string; null where there is no password login. */
  passwordHash: string | null;
  disabled: boolean;
  createdAt: Date;
  updatedAt: Date;
}

/** What users may do, under a name. */
export interface Role {
  id: string;
  name: string;
  description: string;
  permissions: Permission[];
  /** Comes with Teko and stays as it is. */
  seeded: boolean;
  createdAt: Date;
  updatedAt: Date;
}

/** A role that a user has on one repository alone. */
export interface RepositoryGrant {
  id: string;
  userId: string;
  repositoryId: string;
  role: string;
  createdAt: Date;
}

export const ACCOUNT_PROVIDERS = ['github', 'google'] as const;
export type AccountProvider = (typeof ACCOUNT_PROVIDERS)[number];

/** A user's account at a login provider. The provider's own identifier of it never changes; names and addresses do. */
export interface Account {
  id: string;
  userId: string;
  provider: AccountProvider;
  subject: string;
  login: string;
  email: string;
  createdAt: Date;
}

/** A sign-in that lasts. Only the hash of its secret is stored. */
export interface Session {
  id: string;
  userId: string;
  tokenHash: string;
  csrfToken: string;
  userAgent: string | null;
  address: string | null;
  expiresAt: Date;
  lastUsedAt: Date;
  createdAt: Date;
}

/** A link that signs in once. Only the hash of its secret is stored. */
export interface SignInLink {
  id: string;
  userId: string;
  tokenHash: string;
  expiresAt: Date;
  usedAt: Date | null;
  createdAt: Date;
}

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

/** Who did what. Entries are numbered without a gap, and each holds the hash of the one before. */
export interface AuditLogEntry {
  id: number;
  at: Date;
  actorId: string | null;
  actorName: string;
  /** The token that was used, if any. */
  apiTokenId: string | null;
  /** Network address of the caller; null for Teko itself. */
  address: string | null;
  /** Verb and noun, e.g. `tasks.create`. */
  action: string;
  subjectType: string;
  subjectId: string | null;
  repositoryId: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  previousHash: string;
  hash: string;
}

export type NewAuditLogEntry = Omit<AuditLogEntry, 'id' | 'previousHash' | 'hash'>;
