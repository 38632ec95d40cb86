import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Clock, DomainError, Ids, SessionRepository, UserRepository, type Session, type User } from '@teko/domain';

const HOUR = 3_600_000;
const LINK_TTL = 24 * HOUR;
const SESSION_TTL = 30 * 24 * HOUR;
const TOUCH_EVERY = 60_000;

/** Who calls, and by which session. */
export interface Identity {
  user: User;
  session: Session;
}

const newSecret = () => randomBytes(32).toString('base64url');
const hash = (secret: string) => createHash('sha256').update(secret).digest('hex');

/** Signs people in by links that work once, and knows them again by their session's secret. Stores hashes only. */
@Injectable()
export class SessionService {
  constructor(
    @Inject(SessionRepository) private readonly sessions: SessionRepository,
    @Inject(UserRepository) private readonly users: UserRepository,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  /** A link's token for the user, or for the first admin, who is made where there is none. */
  async createSignInLink(userId?: string): Promise<{ token: string; expiresAt: Date }> {
    const now = this.clock.now();
    const token = newSecret();
    const expiresAt = new Date(now.getTime() + LINK_TTL);
    await this.sessions.insertLink({
      id: this.ids.next(),
      userId: userId ?? (await this.firstAdmin()).id,
      tokenHash: hash(token),
      expiresAt,
      usedAt: null,
      createdAt: now,
    });
    return { token, expiresAt };
  }

  /** Uses a link up. `secret` is what the cookie carries; it is not stored. */
  async signIn(token: string, userAgent: string | null): Promise<{ session: Session; secret: string; user: User }> {
    const now = this.clock.now();
    const link = await this.sessions.useLink(hash(token), now);
    const user = link && (await this.users.findById(link.userId));
    if (!user || user.disabled) {
      throw new DomainError('unauthenticated', 'This sign-in link was used already or has expired; ask for a new one.');
    }
    const secret = newSecret();
    const session: Session = {
      id: this.ids.next(),
      userId: user.id,
      tokenHash: hash(secret),
      csrfToken: newSecret(),
      userAgent: userAgent?.slice(0, 255) ?? null,
      expiresAt: new Date(now.getTime() + SESSION_TTL),
      lastUsedAt: now,
      createdAt: now,
    };
    await this.sessions.insert(session);
    return { session, secret, user };
  }

  /** The session with this secret and its user; null where it is unknown, over, or the user is disabled. */
  async identify(secret: string): Promise<Identity | null> {
    const now = this.clock.now();
    const session = await this.sessions.findByTokenHash(hash(secret));
    if (!session || session.expiresAt <= now) return null;
    const user = await this.users.findById(session.userId);
    if (!user || user.disabled) return null;
    if (now.getTime() - session.lastUsedAt.getTime() > TOUCH_EVERY) await this.sessions.touch(session.id, now);
    return { user, session };
  }

  async signOut(sessionId: string): Promise<void> {
    await this.sessions.delete(sessionId);
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
      disabled: false,
      createdAt: now,
      updatedAt: now,
    };
    await this.users.insert(created);
    return created;
  }
}
