import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import {
  AccountRepository,
  Clock,
  ConflictError,
  DomainError,
  Ids,
  NotFoundError,
  UserRepository,
  type Account,
  type AccountProvider,
  type User,
} from '@teko/domain';
import { AccessReader, TekoSettings } from '@teko/platform';

/** The profile of a user at a login provider. */
export interface Profile {
  provider: AccountProvider;
  /** The provider's own identifier of the account. */
  subject: string;
  login: string;
  name: string;
  /** Email addresses that the provider has verified, the primary one first, in lower case. */
  verifiedEmails: string[];
  /** Organisations that the account belongs to, in lower case. */
  organisations: string[];
}

/** Why an OAuth sign-in was refused. The panel shows a message for each. */
export type SignInRefusal =
  'unverified' | 'not_allowed' | 'disabled' | 'exists' | 'taken' | 'failed' | 'signed_out' | 'unavailable';

export class SignInRefused extends DomainError {
  constructor(readonly refusal: SignInRefusal) {
    super('unauthenticated', `The sign-in was refused: ${refusal}.`);
  }
}

/** Signs in, signs up and links users by their accounts at login providers. */
@Injectable()
export class AccountService implements OnModuleInit {
  constructor(
    @Inject(AccountRepository) private readonly accounts: AccountRepository,
    @Inject(UserRepository) private readonly users: UserRepository,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(TekoSettings) private readonly settings: TekoSettings,
    @Inject(AccessReader) private readonly access: AccessReader,
  ) {}

  /** Throws if the role for new users does not exist, which prevents the start. */
  async onModuleInit(): Promise<void> {
    const role = this.settings.TEKO_SIGN_UP_ROLE;
    if (!(await this.access.permissionsOf([role])).has(role)) {
      throw new Error(`TEKO_SIGN_UP_ROLE: there is no role ${role}; set it to a role that the panel shows`);
    }
  }

  /**
   * Returns the user of a profile, or creates it. Accounts are identified only by the provider's identifier. An email address
   * matches only an invited user who has no other sign-in method yet; otherwise control of an address would allow a takeover.
   */
  async signIn(profile: Profile): Promise<User> {
    const existing = await this.accounts.find(profile.provider, profile.subject);
    if (existing) return this.requireEnabled(await this.users.findById(existing.userId));
    const [email] = profile.verifiedEmails;
    if (!email) throw new SignInRefused('unverified');
    const invited = await this.invited(profile.verifiedEmails);
    const user = invited ?? (await this.signUp(profile, email));
    await this.add(user, profile, email);
    return user;
  }

  /** Links another account to a user who is signed in. */
  async link(user: User, profile: Profile): Promise<void> {
    const existing = await this.accounts.find(profile.provider, profile.subject);
    if (existing && existing.userId !== user.id) throw new SignInRefused('taken');
    const [email] = profile.verifiedEmails;
    if (!email) throw new SignInRefused('unverified');
    if (!existing) await this.add(user, profile, email);
  }

  list(userId: string): Promise<Account[]> {
    return this.accounts.findByUser(userId);
  }

  /** Unlinks an account of this user, unless it is the only sign-in method. */
  async unlink(id: string, user: User): Promise<void> {
    const account = await this.accounts.findById(id);
    if (account?.userId !== user.id) throw new NotFoundError('account', id);
    const others = (await this.accounts.findByUser(user.id)).length - 1;
    if (others === 0 && !user.passwordHash) {
      throw new ConflictError('this is your only sign-in method; set a password or link another account first');
    }
    await this.accounts.delete(id);
  }

  private async invited(emails: string[]): Promise<User | null> {
    for (const email of emails) {
      const user = await this.users.findByEmail(email);
      if (!user) continue;
      const hasSignInMethod = user.passwordHash !== null || (await this.accounts.findByUser(user.id)).length > 0;
      if (hasSignInMethod) throw new SignInRefused('exists');
      return this.requireEnabled(user);
    }
    return null;
  }

  private async signUp({ name, login, verifiedEmails, organisations }: Profile, email: string): Promise<User> {
    const { TEKO_ADMIN_EMAILS: admins, TEKO_ALLOWED_DOMAINS: domains, TEKO_ALLOWED_ORGS: orgs } = this.settings;
    const isAdmin = verifiedEmails.some((address) => admins.includes(address));
    const isOfDomain = verifiedEmails.find((address) => domains.includes(address.split('@').at(-1)!));
    const isOfOrg = organisations.some((organisation) => orgs.includes(organisation));
    if (!isAdmin && !isOfDomain && !isOfOrg) throw new SignInRefused('not_allowed');
    const now = this.clock.now();
    const user: User = {
      id: this.ids.next(),
      name: name || login,
      email: isOfDomain ?? email,
      roles: [isAdmin ? 'admin' : this.settings.TEKO_SIGN_UP_ROLE],
      passwordHash: null,
      disabled: false,
      createdAt: now,
      updatedAt: now,
    };
    await this.users.insert(user);
    return user;
  }

  private async add(user: User, { provider, subject, login }: Profile, email: string): Promise<void> {
    const createdAt = this.clock.now();
    await this.accounts.insert({ id: this.ids.next(), userId: user.id, provider, subject, login, email, createdAt });
  }

  private requireEnabled(user: User | null): User {
    if (!user || user.disabled) throw new SignInRefused('disabled');
    return user;
  }
}
