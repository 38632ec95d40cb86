import { randomUUID } from 'node:crypto';
import type {
  Account,
  ApiToken,
  NewAuditLogEntry,
  RepositoryGrant,
  Role,
  Session,
  SignInLink,
  User,
} from '@teko/domain';
import { BUILT_AT, hash, stamps } from './builders';

/** An administrator. */
export function aUser(overrides: Partial<User> = {}): User {
  return {
    id: randomUUID(),
    name: 'Ada',
    email: null,
    roles: ['admin'],
    passwordHash: null,
    disabled: false,
    ...stamps,
    ...overrides,
  };
}

/** A session that expires after a day. */
export function aSession(overrides: Partial<Session> = {}): Session {
  return {
    id: randomUUID(),
    userId: randomUUID(),
    tokenHash: hash(),
    csrfToken: hash(),
    userAgent: null,
    address: null,
    expiresAt: new Date(BUILT_AT.getTime() + 86_400_000),
    lastUsedAt: BUILT_AT,
    createdAt: BUILT_AT,
    ...overrides,
  };
}

/** A sign-in link that expires after a minute. */
export function aSignInLink(overrides: Partial<SignInLink> = {}): SignInLink {
  return {
    id: randomUUID(),
    userId: randomUUID(),
    tokenHash: hash(),
    expiresAt: new Date(BUILT_AT.getTime() + 60_000),
    usedAt: null,
    createdAt: BUILT_AT,
    ...overrides,
  };
}

/** A role with permission to read tasks. */
export function aRole(overrides: Partial<Role> = {}): Role {
  return {
    id: randomUUID(),
    name: `role-${randomUUID().slice(0, 8)}`,
    description: '',
    permissions: ['read:Task'],
    builtIn: false,
    ...stamps,
    ...overrides,
  };
}

/** A grant of the viewer role on one repository. */
export function aRepositoryGrant(overrides: Partial<RepositoryGrant> = {}): RepositoryGrant {
  return {
    id: randomUUID(),
    userId: randomUUID(),
    repositoryId: randomUUID(),
    role: 'viewer',
    createdAt: BUILT_AT,
    ...overrides,
  };
}

/** An account at GitHub. */
export function anAccount(overrides: Partial<Account> = {}): Account {
  return {
    id: randomUUID(),
    userId: randomUUID(),
    provider: 'github',
    subject: randomUUID(),
    login: 'ada',
    email: 'ada@example.org',
    createdAt: BUILT_AT,
    ...overrides,
  };
}

/** A token with permission to read tasks, valid for a day. */
export function anApiToken(overrides: Partial<ApiToken> = {}): ApiToken {
  return {
    id: randomUUID(),
    userId: randomUUID(),
    name: 'ci',
    prefix: 'teko_abcd',
    tokenHash: hash(),
    scopes: ['read:Task'],
    expiresAt: new Date(BUILT_AT.getTime() + 86_400_000),
    lastUsedAt: null,
    createdAt: BUILT_AT,
    ...overrides,
  };
}

/** An entry for the creation of a task. */
export function anAuditLogEntry(overrides: Partial<NewAuditLogEntry> = {}): NewAuditLogEntry {
  return {
    at: BUILT_AT,
    actorId: null,
    actorName: 'Ada',
    apiTokenId: null,
    address: null,
    action: 'tasks.create',
    subjectType: 'Task',
    subjectId: randomUUID(),
    repositoryId: null,
    before: null,
    after: { title: 'Ünï' },
    ...overrides,
  };
}
