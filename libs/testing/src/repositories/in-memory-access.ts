import type {
  Account,
  AccountRepository,
  ApiToken,
  ApiTokenRepository,
  AuditLogEntry,
  AuditLogEntryRepository,
  Repository,
  RepositoryGrant,
  RepositoryGrantRepository,
  Role,
  RoleRepository,
  Session,
  SessionRepository,
  SignInLink,
  User,
  UserRepository,
} from '@teko/domain';
import { byAge } from './in-memory-work';
import { compare, MemoryTable, childTable } from './memory-table';

/** Creates the repositories for users, permissions, sessions and the audit log. */
export function accessRepositories(repositories: MemoryTable<Repository>) {
  const users = new MemoryTable<User>({
    noun: 'user',
    unique: [['email']],
    sort: ['name', 'email', 'createdAt'],
    filters: ['disabled'],
    search: ['name', 'email'],
  });
  return {
    UserRepository: userRepository(users),
    RoleRepository: roleRepository(),
    RepositoryGrantRepository: grantRepository(users, repositories),
    AccountRepository: accountRepository(users),
    SessionRepository: sessionRepository(users),
    ApiTokenRepository: apiTokenRepository(users),
    AuditLogEntryRepository: auditLogEntryRepository(),
  };
}

function userRepository(table: MemoryTable<User>): UserRepository {
  return {
    insert: async (user) => void table.add(user),
    update: async (id, patch) => table.patch(id, patch),
    findById: async (id) => table.get(id),
    findByEmail: async (email) => table.find((user) => user.email === email),
    findFirstAdmin: async () =>
      byAge(table.where(({ disabled, roles }) => !disabled && roles.includes('admin')))[0] ?? null,
    countWithRole: async (role) => table.where(({ disabled, roles }) => !disabled && roles.includes(role)).length,
    list: async (query) => table.list(query),
    delete: async (id) => table.delete(id),
  };
}

function roleRepository(): RoleRepository {
  const table = new MemoryTable<Role>({
    noun: 'role',
    unique: [['name']],
    sort: ['name', 'createdAt'],
    filters: ['builtIn'],
    search: ['name', 'description'],
  });
  return {
    insert: async (role) => void table.add(role),
    update: async (id, patch) => table.patch(id, patch),
    findById: async (id) => table.get(id),
    findByNames: async (names) => table.where(({ name }) => names.includes(name)),
    list: async (query) => table.list(query),
    delete: async (id) => table.delete(id),
  };
}

function grantRepository(users: MemoryTable<User>, repositories: MemoryTable<Repository>): RepositoryGrantRepository {
  const table = childTable<RepositoryGrant>(users, 'userId', {
    noun: 'grant',
    unique: [['userId', 'repositoryId']],
    sort: ['createdAt'],
    filters: ['userId', 'repositoryId', 'role'],
  });
  repositories.onDelete((id) => table.deleteWhere(({ repositoryId }) => repositoryId === id));
  return {
    insert: async (grant) => {
      repositories.require(grant.repositoryId);
      table.add(grant);
    },
    findById: async (id) => table.get(id),
    findByUser: async (userId) => byAge(table.where((grant) => grant.userId === userId)),
    countWithRole: async (role) => table.where((grant) => grant.role === role).length,
    list: async (query) => table.list(query),
    delete: async (id) => table.delete(id),
  };
}

function accountRepository(users: MemoryTable<User>): AccountRepository {
  const table = childTable<Account>(users, 'userId', { noun: 'account', unique: [['provider', 'subject']] });
  return {
    insert: async (account) => void table.add(account),
    find: async (provider, subject) =>
      table.find((account) => account.provider === provider && account.subject === subject),
    findById: async (id) => table.get(id),
    findByUser: async (userId) => byAge(table.where((account) => account.userId === userId)),
    delete: async (id) => table.delete(id),
  };
}

function sessionRepository(users: MemoryTable<User>): SessionRepository {
  const table = childTable<Session>(users, 'userId', { noun: 'session', unique: [['tokenHash']] });
  const links = childTable<SignInLink>(users, 'userId', { noun: 'sign-in link', unique: [['tokenHash']] });
  return {
    insert: async (session) => void table.add(session),
    findByTokenHash: async (tokenHash) => table.find((session) => session.tokenHash === tokenHash),
    findById: async (id) => table.get(id),
    findByUser: async (userId) =>
      table.where((session) => session.userId === userId).sort((a, b) => compare(b.lastUsedAt, a.lastUsedAt)),
    touch: async (id, at) => void table.patch(id, { lastUsedAt: at }),
    delete: async (id) => table.delete(id),
    deleteByUser: async (userId, except) => {
      table.deleteWhere((session) => session.userId === userId && session.id !== except);
      links.deleteWhere((link) => link.userId === userId && link.usedAt === null);
    },
    insertLink: async (link) => void links.add(link),
    useLink: async (tokenHash, now) => {
      const open = links.find(
        (link) => link.tokenHash === tokenHash && link.usedAt === null && compare(link.expiresAt, now) > 0,
      );
      return open && links.patch(open.id, { usedAt: now });
    },
  };
}

function apiTokenRepository(users: MemoryTable<User>): ApiTokenRepository {
  const table = childTable<ApiToken>(users, 'userId', {
    noun: 'token',
    unique: [['tokenHash']],
    sort: ['name', 'createdAt', 'expiresAt', 'lastUsedAt'],
    filters: ['userId'],
  });
  return {
    insert: async (token) => void table.add(token),
    findById: async (id) => table.get(id),
    findByTokenHash: async (tokenHash) => table.find((token) => token.tokenHash === tokenHash),
    touch: async (id, at) => void table.patch(id, { lastUsedAt: at }),
    list: async (query) => table.list(query),
    delete: async (id) => table.delete(id),
  };
}

function auditLogEntryRepository(): AuditLogEntryRepository {
  // Ids of a memory table are strings.
  type Row = Omit<AuditLogEntry, 'id'> & { id: string };
  const table = new MemoryTable<Row>({
    noun: 'audit log entry',
    sort: ['id', 'at'],
    filters: ['action', 'actorId', 'subjectType', 'subjectId', 'repositoryId', 'apiTokenId'],
    search: ['action', 'actorName'],
  });
  const width = 10;
  const key = (id: number) => String(id).padStart(width, '0');
  const entryOf = (row: Row): AuditLogEntry => ({ ...row, id: Number(row.id) });
  let head = { lastId: 0, lastHash: '' };
  return {
    append: async (entry, hash) => {
      const next = { ...entry, id: head.lastId + 1, previousHash: head.lastHash };
      const stored = { ...next, hash: hash(next) };
      head = { lastId: stored.id, lastHash: stored.hash };
      return entryOf(table.add({ ...stored, id: key(stored.id) }));
    },
    head: async () => ({ ...head }),
    findAfter: async (afterId, limit) =>
      table
        .where(({ id }) => Number(id) > afterId)
        .slice(0, limit)
        .map(entryOf),
    findById: async (id) => {
      const row = table.get(key(id));
      return row && entryOf(row);
    },
    list: async (query) => {
      const { data, total } = table.list(query);
      return { data: data.map(entryOf), total };
    },
  };
}
