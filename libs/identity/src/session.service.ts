import { Inject, Injectable } from '@nestjs/common';
import {
  Clock,
  DomainError,
  Ids,
  NotFoundError,
  SessionRepository,
  UserRepository,
  type Session,
  type User,
} from '@teko/domain';
import { AccessService } from './access.service';
import type { Identity } from './identity';
import { hashOf, newSecret } from './secrets';

const HOUR_MS = 3_600_000;
const LINK_TTL_MS = 24 * HOUR_MS;
const SESSION_TTL_MS = 30 * 24 * HOUR_MS;
const TOUCH_INTERVAL_MS = 60_000;

/** The device of a sign-in. */
export interface Device {
  userAgent: string | null;
  address: string | null;
}

export interface SignedIn {
  session: Session;
  /** The value of the cookie, which is not stored. */
  secret: string;
  user: User;
}

/** Opens sessions and identifies callers by their session secret. Stores only hashes of secrets. */
@Injectable()
export class SessionService {
  constructor(
    @Inject(SessionRepository) private readonly sessions: SessionRepository,
    @Inject(UserRepository) private readonly users: UserRepository,
    @Inject(AccessService) private readonly access: AccessService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  /** Creates a sign-in link for the user, or by default for the first admin, who is created if there is none. */
  async createSignInLink(userId?: string): Promise<{ token: string; expiresAt: Date }> {
    const now = this.clock.now();
    const token = newSecret();
    const expiresAt = new Date(now.getTime() + LINK_TTL_MS);
    await this.sessions.insertLink({
      id: this.ids.next(),
      userId: userId ?? (await this.firstAdmin()).id,
      tokenHash: hashOf(token),
      expiresAt,
      usedAt: null,
      createdAt: now,
    });
    return { token, expiresAt };
  }

  /** Signs in with a link, which can be used once. Throws `unauthenticated`. */
  async signInByLink(token: string, device: Device): Promise<SignedIn> {
    const link = await this.sessions.useLink(hashOf(token), this.clock.now());
    const user = link && (await this.users.findById(link.userId));
    if (!user || user.disabled) {
      throw new DomainError(
        'unauthenticated',
        'This sign-in link has already been used or has expired. Request a new one.',
      );
    }
    return this.open(user, device);
  }

  /** Always creates a new session with a new secret, to prevent session fixation. */
  async open(user: User, { userAgent, address }: Device): Promise<SignedIn> {
    const now = this.clock.now();
    const secret = newSecret();
    const session: Session = {
      id: this.ids.next(),
      userId: user.id,
      tokenHash: hashOf(secret),
      csrfToken: newSecret(),
      userAgent: userAgent?.slice(0, 255) ?? null,
      address: address?.slice(0, 40) ?? null,
      expiresAt: new Date(now.getTime() + SESSION_TTL_MS),
      lastUsedAt: now,
      createdAt: now,
    };
    await this.sessions.insert(session);
    return { session, secret, user };
  }

  /** Returns the caller with this secret, or null if it is unknown or expired, or the user is disabled. */
  async identify(secret: string): Promise<Identity | null> {
    const found = await this.find(hashOf(secret));
    if (!found) return null;
    const { session, user } = found;
    const now = this.clock.now();
    if (now.getTime() - session.lastUsedAt.getTime() > TOUCH_INTERVAL_MS) await this.sessions.touch(session.id, now);
    return this.access.identityOf(user, { session });
  }

  /** Returns the active sessions of a user, the last used first. */
  async list(userId: string): Promise<Session[]> {
    const now = this.clock.now();
    return (await this.sessions.findByUser(userId)).filter(({ expiresAt }) => expiresAt > now);
  }

  /** Ends a session of this user. Throws NotFoundError. */
  async end(id: string, userId: string): Promise<void> {
    const session = await this.sessions.findById(id);
    if (session?.userId !== userId) throw new NotFoundError('session', id);
    await this.sessions.delete(id);
  }

  /** Ends the session of a cookie, if there is one. */
  async endBySecret(secret: string): Promise<void> {
    const session = await this.sessions.findByTokenHash(hashOf(secret));
    if (session) await this.sessions.delete(session.id);
  }

  /** Ends all sessions and unused links of a user, except one session. */
  async endAll(userId: string, except?: string): Promise<void> {
    await this.sessions.deleteByUser(userId, except);
  }

  private async find(tokenHash: string): Promise<{ user: User; session: Session } | null> {
    const session = await this.sessions.findByTokenHash(tokenHash);
    if (!session || session.expiresAt <= this.clock.now()) return null;
    const user = await this.users.findById(session.userId);
    return user && !user.disabled ? { user, session } : null;
  }

  private async firstAdmin(): Promise<User> {
    const admin = await this.users.findFirstAdmin();
    if (admin) return admin;
    const now = this.clock.now();
    const created: User = {
      id: this.ids.next(),
      name: 'Admin',
      email: null,
      roles: ['admin'],
      passwordHash: null,
      disabled: false,
      createdAt: now,
      updatedAt: now,
    };
    await this.users.insert(created);
    return created;
  }
}
