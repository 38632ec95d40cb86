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

/** A right that was taken away holds on for so long at most; before anything is delivered it is asked anew. */
const CACHE_TTL_MS = 30_000;
const MAX_CACHE_ENTRIES = 10_000;

/** Says who outside may ask Teko for work. */
@Injectable()
export class ExternalUserAccess {
  private readonly known = new Map<string, { refusal: string | null; until: number }>();
  private me: Promise<ExternalUser> | null = null;

  constructor(
    @Inject(Forge) private readonly forge: Forge,
    @Inject(ForgeConnection) private readonly connection: ForgeConnection,
    @Inject(AccountRepository) private readonly accounts: AccountRepository,
    @Inject(UserRepository) private readonly users: UserRepository,
    @Inject(AccessReader) private readonly access: AccessReader,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Who Teko is on the forge. */
  self(): Promise<ExternalUser> {
    this.me ??= this.connection.self().catch((error: unknown) => {
      this.me = null;
      throw error;
    });
    return this.me;
  }

  /** The names that it is called by in comments. */
  async names(): Promise<string[]> {
    return ['teko', (await this.self()).login.replace(/\[bot\]$/, '')];
  }

  /**
   * Why this account may not do that on the repository; null where it may. It takes the right to write there, and of who
   * is a user of Teko the permission too.
   */
  async refusal(
    repository: Repository,
    author: ExternalUser,
    permission: Permission = 'create:Task',
  ): Promise<string | null> {
    if (author.isBot) return `${author.login} is a program`;
    const key = `${permission} ${repository.id} ${author.id} ${author.login}`;
    const now = this.clock.now().getTime();
    const known = this.known.get(key);
    if (known && known.until > now) return known.refusal;
    const refusal = await this.ask(repository, author, permission);
    if (this.known.size >= MAX_CACHE_ENTRIES) this.known.clear();
    this.known.set(key, { refusal, until: now + CACHE_TTL_MS });
    return refusal;
  }

  /** Who this is in Teko: the user with this account, where there is one. */
  async actor(author: ExternalUser): Promise<Actor> {
    const user = await this.userOf(author);
    return { id: user?.id ?? null, name: author.login };
  }

  private async ask(repository: Repository, author: ExternalUser, permission: Permission): Promise<string | null> {
    const right = await this.forge.permissionOf(repository, author.login);
    if (right !== 'write' && right !== 'admin') return `${author.login} may not write to ${repository.name}`;
    const user = await this.userOf(author);
    if (!user) return null;
    const access = user.disabled ? null : await this.access.accessOf(user);
    if (access && allows(access, permission, repository.id)) return null;
    return `${author.login} has not the permission ${permission} on ${repository.name} in Teko`;
  }

  private async userOf(author: ExternalUser): Promise<User | null> {
    const account = await this.accounts.find('github', author.id);
    return account && this.users.findById(account.userId);
  }
}
