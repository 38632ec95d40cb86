import type { ListQuery, Page } from '@teko/contracts';
import type {
  Account,
  AccountProvider,
  ApiToken,
  AuditLogEntry,
  NewAuditLogEntry,
  RepositoryGrant,
  Role,
  Session,
  SignInLink,
  User,
} from './user';

/* The ports of who may do what and who did it; the same rules hold as in ports.ts. */

/** Stores users. `email` is unique where set. */
export interface UserRepository {
  insert(user: User): Promise<void>;
  update(id: string, patch: Partial<User>): Promise<User>;
  findById(id: string): Promise<User | null>;
  /** By the address in lower case. */
  findByEmail(email: string): Promise<User | null>;
  /** The user that the embedded start signs in: the oldest admin. */
  findFirstAdmin(): Promise<User | null>;
  /** How many users who are not disabled have this role. */
  countWithRole(role: string): Promise<number>;
  /** Sort: name, email, createdAt. Filters: disabled. `q` looks in name and email. */
  list(query: ListQuery): Promise<Page<User>>;
  /** Deletes the user with sessions, tokens, accounts and grants. */
  delete(id: string): Promise<void>;
}
export const UserRepository = Symbol('UserRepository');

/** Stores roles. `name` is unique. */
export interface RoleRepository {
  insert(role: Role): Promise<void>;
  update(id: string, patch: Partial<Role>): Promise<Role>;
  findById(id: string): Promise<Role | null>;
  /** Those that exist, in no order. */
  findByNames(names: string[]): Promise<Role[]>;
  /** Sort: name, createdAt. Filters: seeded. `q` looks in name and description. */
  list(query: ListQuery): Promise<Page<Role>>;
  delete(id: string): Promise<void>;
}
export const RoleRepository = Symbol('RoleRepository');

/** Stores what users may do on single repositories. A user has one role on a repository. */
export interface RepositoryGrantRepository {
  insert(grant: RepositoryGrant): Promise<void>;
  findById(id: string): Promise<RepositoryGrant | null>;
  findByUser(userId: string): Promise<RepositoryGrant[]>;
  countWithRole(role: string): Promise<number>;
  /** Sort: createdAt. Filters: userId, repositoryId, role. */
  list(query: ListQuery): Promise<Page<RepositoryGrant>>;
  delete(id: string): Promise<void>;
}
export const RepositoryGrantRepository = Symbol('RepositoryGrantRepository');

/** Stores accounts at login providers. Provider and subject are unique together. */
export interface AccountRepository {
  insert(account: Account): Promise<void>;
  find(provider: AccountProvider, subject: string): Promise<Account | null>;
  findById(id: string): Promise<Account | null>;
  findByUser(userId: string): Promise<Account[]>;
  delete(id: string): Promise<void>;
}
export const AccountRepository = Symbol('AccountRepository');

/** Stores sessions and one-time sign-in links. */
export interface SessionRepository {
  insert(session: Session): Promise<void>;
  findByTokenHash(tokenHash: string): Promise<Session | null>;
  findById(id: string): Promise<Session | null>;
  /** Newest use first. */
  findByUser(userId: string): Promise<Session[]>;
  touch(id: string, at: Date): Promise<void>;
  delete(id: string): Promise<void>;
  /** Deletes all sessions and unused links of a user, but for the session `except`. */
  deleteByUser(userId: string, except?: string): Promise<void>;
  insertLink(link: SignInLink): Promise<void>;
  /** One atomic statement: marks an unused, unexpired link as used; null when there is none. */
  useLink(tokenHash: string, now: Date): Promise<SignInLink | null>;
}
export const SessionRepository = Symbol('SessionRepository');

/** Stores API tokens. */
export interface ApiTokenRepository {
  insert(token: ApiToken): Promise<void>;
  findById(id: string): Promise<ApiToken | null>;
  findByTokenHash(tokenHash: string): Promise<ApiToken | null>;
  touch(id: string, at: Date): Promise<void>;
  /** Sort: name, createdAt, expiresAt, lastUsedAt. Filters: userId. */
  list(query: ListQuery): Promise<Page<ApiToken>>;
  delete(id: string): Promise<void>;
}
export const ApiTokenRepository = Symbol('ApiTokenRepository');

/** Stores who did what. There is no way to change or delete an entry. */
export interface AuditLogEntryRepository {
  /** Numbers the entry and chains it to the one before; `hash` makes the hash of what is about to be stored. */
  append(entry: NewAuditLogEntry, hash: (entry: Omit<AuditLogEntry, 'hash'>) => string): Promise<AuditLogEntry>;
  /** Number and hash of the entry that was stored last, kept apart from the entries; 0 and '' when there was none. */
  head(): Promise<{ lastId: number; lastHash: string }>;
  /** Entries with an id above `afterId`, in order. */
  after(afterId: number, limit: number): Promise<AuditLogEntry[]>;
  findById(id: number): Promise<AuditLogEntry | null>;
  /** Sort: id, at. Filters: action, actorId, subjectType, subjectId, repositoryId, apiTokenId. `q` looks in action and actorName. */
  list(query: ListQuery): Promise<Page<AuditLogEntry>>;
}
export const AuditLogEntryRepository = Symbol('AuditLogEntryRepository');
