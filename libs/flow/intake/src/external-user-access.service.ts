import { Inject, Injectable } from '@nestjs/common';
import { allows, type Permission } from '@teko/contracts';
import {
  AccountRepository,
  Clock,
  Forge,
  ForgeConnection,
  UserRepository,
  type ExternalUser,
  type Repository,
  type User,
} from '@teko/domain';
import { AccessReader } from '@teko/platform';
import type { Actor } from './intake.service';

/** The longest time for which a revoked permission is still accepted. Before delivery, permissions are checked without the cache. */
const CACHE_TTL_MS = 30_000;
const MAX_CACHE_ENTRIES = 10_000;

/** Decides which external users are allowed to request work. */
@Injectable()
export class ExternalUserAccess {
  private readonly cache = new Map<string, { denialReason: string | null; expiresAt: number }>();
  private selfPromise: Promise<ExternalUser> | null = null;

  constructor(
    @Inject(Forge) private readonly forge: Forge,
    @Inject(ForgeConnection) private readonly connection: ForgeConnection,
    @Inject(AccountRepository) private readonly accounts: AccountRepository,
    @Inject(UserRepository) private readonly users: UserRepository,
    @Inject(AccessReader) private readonly access: AccessReader,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Returns Teko's own user on the forge. */
  self(): Promise<ExternalUser> {
    this.selfPromise ??= this.connection.self().catch((error: unknown) => {
      this.selfPromise = null;
      throw error;
    });
    return this.selfPromise;
  }

  /** Returns the names by which comments can mention Teko. */
  async names(): Promise<string[]> {
    return ['teko', (await this.self()).login.replace(/\[bot\]$/, '')];
  }

  /**
   * Returns why the author is not allowed to do this on the repository, or null if they are. The author needs write access
   * on the forge and, if linked to a Teko user, that user's permission. Results are cached for 30 seconds.
   */
  async denialReason(
    repository: Repository,
    author: ExternalUser,
    permission: Permission = 'create:Task',
  ): Promise<string | null> {
    if (author.isBot) return `${author.login} is a bot`;
    const key = `${permission} ${repository.id} ${author.id} ${author.login}`;
    const now = this.clock.now().getTime();
    const cached = this.cache.get(key);
    if (cached && cached.expiresAt > now) return cached.denialReason;
    const denialReason = await this.check(repository, author, permission);
    if (this.cache.size >= MAX_CACHE_ENTRIES) this.cache.clear();
    this.cache.set(key, { denialReason, expiresAt: now + CACHE_TTL_MS });
    return denialReason;
  }

  /** Returns the actor for an external user, with the id of the linked Teko user if there is one. */
  async actor(author: ExternalUser): Promise<Actor> {
    const user = await this.userOf(author);
    return { id: user?.id ?? null, name: author.login };
  }

  private async check(repository: Repository, author: ExternalUser, permission: Permission): Promise<string | null> {
    const forgePermission = await this.forge.permissionOf(repository, author.login);
    if (forgePermission !== 'write' && forgePermission !== 'admin')
      return `${author.login} does not have write access to ${repository.name}`;
    const user = await this.userOf(author);
    if (!user) return null;
    const access = user.disabled ? null : await this.access.accessOf(user);
    if (access && allows(access, permission, repository.id)) return null;
    return `${author.login} does not have the permission ${permission} on ${repository.name} in Teko`;
  }

  private async userOf(author: ExternalUser): Promise<User | null> {
    const account = await this.accounts.find('github', author.id);
    return account && this.users.findById(account.userId);
  }
}
