import { Inject, Injectable } from '@nestjs/common';
import { Clock, DomainError, InvalidError, UserRepository, type User } from '@teko/domain';
import { TekoSettings } from '@teko/platform';

/** Native code, so loaded at the first use. */
const argon2 = () => import('@node-rs/argon2');

const LENGTH = { min: 12, max: 200 };
/** Argon2id with the parameters that OWASP recommended in 2024: 19 MiB, two iterations, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Sign-in with email and password, for installations without OAuth. */
@Injectable()
export class PasswordService {
  private decoy: Promise<string> | null = null;

  constructor(
    @Inject(UserRepository) private readonly users: UserRepository,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(TekoSettings) private readonly settings: TekoSettings,
  ) {}

  get isEnabled(): boolean {
    return this.settings.TEKO_PASSWORD_LOGIN === 'on';
  }

  /** Returns the user with these credentials. All failures have the same message and take the same time. */
  async check(email: string, password: string): Promise<User> {
    if (!this.isEnabled) throw new DomainError('forbidden', 'Sign-in with a password is disabled.');
    const user = await this.users.findByEmail(email.trim().toLowerCase());
    const { hash, verify } = await argon2();
    const stored = user?.passwordHash ?? (await (this.decoy ??= hash('a password that nobody has', COST)));
    const isCorrect = await verify(stored, password.slice(0, LENGTH.max)).catch(() => false);
    if (!isCorrect || !user?.passwordHash || user.disabled) {
      throw new DomainError('unauthenticated', 'The email address or password is wrong.');
    }
    return user;
  }

  /** Sets the user's password. Requires the current password if there is one. */
  async change(user: User, { currentPassword, newPassword }: { currentPassword?: string; newPassword: string }) {
    const { hash, verify } = await argon2();
    if (user.passwordHash && !(await verify(user.passwordHash, currentPassword ?? '').catch(() => false))) {
      throw new InvalidError({ currentPassword: 'is not your password' });
    }
    if (newPassword.length < LENGTH.min || newPassword.length > LENGTH.max) {
      throw new InvalidError({ newPassword: `must have ${LENGTH.min} to ${LENGTH.max} characters` });
    }
    if (user.email && newPassword.toLowerCase() === user.email) {
      throw new InvalidError({ newPassword: 'must not be your email address' });
    }
    const passwordHash = await hash(newPassword, COST);
    return this.users.update(user.id, { passwordHash, updatedAt: this.clock.now() });
  }
}
