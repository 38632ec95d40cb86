import type { ListQuery, Page } from '@teko/contracts';
import type {
  Account,
  AccountProvider,
  AccountRepository,
  ApiToken,
  ApiTokenRepository,
  AuditLogEntry,
  AuditLogEntryRepository,
  NewAuditLogEntry,
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
import { In, IsNull, MoreThan, Not } from 'typeorm';
import type { Store } from './store';
import { TableRepository } from './table-repository';

export class TypeormUserRepository extends TableRepository<User> implements UserRepository {
  constructor(store: Store) {
    super(store, 'users', 'user', {
      sort: ['name', 'email', 'createdAt'],
      filters: ['disabled'],
      search: ['name', 'email'],
    });
  }

  override async insert(user: User): Promise<void> {
    await this.add(user);
  }

  findByEmail(email: string) {
    return this.one({ email });
  }

  async findFirstAdmin() {
    const users = await this.many({ disabled: false }, { createdAt: 'ASC' });
    return users.find((user) => user.roles.includes('admin')) ?? null;
  }

  async countWithRole(role: string) {
    const users = await this.many({ disabled: false }, {});
    return users.filter((user) => user.roles.includes(role)).length;
  }
}

export class TypeormRoleRepository extends TableRepository<Role> implements RoleRepository {
  constructor(store: Store) {
    super(store, 'roles', 'role', {
      sort: ['name', 'createdAt'],
      filters: ['builtIn'],
      search: ['name', 'description'],
    });
  }

  override async insert(role: Role): Promise<void> {
    await this.add(role);
  }

  async findByNames(names: string[]) {
    return names.length === 0 ? [] : this.many({ name: In(names) }, {});
  }
}

export class TypeormRepositoryGrantRepository
  extends TableRepository<RepositoryGrant>
  implements RepositoryGrantRepository
{
  constructor(store: Store) {
    super(store, 'repository_grants', 'grant', {
      sort: ['createdAt'],
      filters: ['userId', 'repositoryId', 'role'],
      parent: ['userId', 'user or repository'],
    });
  }

  override async insert(grant: RepositoryGrant): Promise<void> {
    await this.add(grant);
  }

  findByUser(userId: string) {
    return this.many({ userId }, { createdAt: 'ASC' });
  }

  async countWithRole(role: string) {
    return (await this.many({ role }, {})).length;
  }
}

export class TypeormAccountRepository extends TableRepository<Account> implements AccountRepository {
  constructor(store: Store) {
    super(store, 'accounts', 'account', { parent: ['userId', 'user'] });
  }

  override async insert(account: Account): Promise<void> {
    await this.add(account);
  }

  find(provider: AccountProvider, subject: string) {
    return this.one({ provider, subject });
  }

  findByUser(userId: string) {
    return this.many({ userId }, { createdAt: 'ASC' });
  }
}

export class TypeormSessionRepository extends TableRepository<Session> implements SessionRepository {
  private readonly links: TableRepository<SignInLink>;

  constructor(store: Store) {
    super(store, 'sessions', 'session', { parent: ['userId', 'user'] });
    this.links = new TableRepository(store, 'sign_in_links', 'sign-in link', { parent: ['userId', 'user'] });
  }

  override async insert(session: Session): Promise<void> {
    await this.add(session);
  }

  findByTokenHash(tokenHash: string) {
    return this.one({ tokenHash });
  }

  findByUser(userId: string) {
    return this.many({ userId }, { lastUsedAt: 'DESC' });
  }

  async touch(id: string, at: Date): Promise<void> {
    await this.update(id, { lastUsedAt: at });
  }

  async deleteByUser(userId: string, except?: string): Promise<void> {
    await this.store.transaction(async (manager) => {
      await manager.delete('sessions', { userId, ...(except && { id: Not(except) }) });
      await manager.delete('sign_in_links', { userId, usedAt: IsNull() });
    });
  }

  async insertLink(link: SignInLink): Promise<void> {
    await this.links.insert(link);
  }

  useLink(tokenHash: string, now: Date): Promise<SignInLink | null> {
    return this.store.transaction(async (manager) => {
      const valid = { tokenHash, usedAt: IsNull(), expiresAt: MoreThan(now) };
      const result = await manager.update('sign_in_links', valid, { usedAt: now });
      return result.affected ? manager.findOne<SignInLink>('sign_in_links', { where: { tokenHash } }) : null;
    });
  }
}

export class TypeormApiTokenRepository extends TableRepository<ApiToken> implements ApiTokenRepository {
  constructor(store: Store) {
    super(store, 'api_tokens', 'token', {
      sort: ['name', 'createdAt', 'expiresAt', 'lastUsedAt'],
      filters: ['userId'],
      parent: ['userId', 'user'],
    });
  }

  override async insert(token: ApiToken): Promise<void> {
    await this.add(token);
  }

  findByTokenHash(tokenHash: string) {
    return this.one({ tokenHash });
  }

  async touch(id: string, at: Date): Promise<void> {
    await this.update(id, { lastUsedAt: at });
  }
}

interface AuditLogHead {
  id: number;
  lastId: number;
  lastHash: string;
}

const HEAD_ID = 1;

export class TypeormAuditLogEntryRepository implements AuditLogEntryRepository {
  private readonly rows: TableRepository<AuditLogEntry>;

  constructor(private readonly store: Store) {
    this.rows = new TableRepository(store, 'audit_log_entries', 'audit log entry', {
      sort: ['id', 'at'],
      filters: ['action', 'actorId', 'subjectType', 'subjectId', 'repositoryId', 'apiTokenId'],
      search: ['action', 'actorName'],
    });
  }

  /** Locks the head row, so that concurrent writers append one after another. */
  append(entry: NewAuditLogEntry, hash: (entry: Omit<AuditLogEntry, 'hash'>) => string): Promise<AuditLogEntry> {
    return this.store.transaction(async (manager) => {
      const lock = this.store.serial ? undefined : { mode: 'pessimistic_write' as const };
      const { lastId, lastHash } = await manager.findOneOrFail<AuditLogHead>('audit_log_head', {
        where: { id: HEAD_ID },
        lock,
      });
      const next = { ...entry, id: lastId + 1, previousHash: lastHash };
      const stored: AuditLogEntry = { ...next, hash: hash(next) };
      await manager.insert('audit_log_entries', stored);
      await manager.update('audit_log_head', { id: HEAD_ID }, { lastId: stored.id, lastHash: stored.hash });
      return stored;
    });
  }

  async head() {
    const where = { id: HEAD_ID };
    const { lastId, lastHash } = await this.store.query((manager) =>
      manager.findOneOrFail<AuditLogHead>('audit_log_head', { where }),
    );
    return { lastId, lastHash };
  }

  findAfter(afterId: number, limit: number): Promise<AuditLogEntry[]> {
    return this.store.query((manager) =>
      manager.find<AuditLogEntry>('audit_log_entries', {
        where: { id: MoreThan(afterId) },
        order: { id: 'ASC' },
        take: limit,
      }),
    );
  }

  findById(id: number) {
    return this.store.query((manager) => manager.findOneBy<AuditLogEntry>('audit_log_entries', { id }));
  }

  list(query: ListQuery): Promise<Page<AuditLogEntry>> {
    return this.rows.list(query);
  }
}
