import { Inject, Injectable } from '@nestjs/common';
import { Clock, DomainError, InvalidError, UserRepository, type User } from '@teko/domain';
import { TekoSettings } from '@teko/platform';

/** Native code, which the first password loads. */
const argon2 = () => import('@node-rs/argon2');

const LENGTH = { min: 12, max: 200 };
/** Argon2id with OWASP's parameters of 2024: 19 MiB, two passes, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Sign-in by address and password, for a host without OAuth. */
@Injectable()
export class PasswordService {
  private decoy: Promise<string> | null = null;

  constructor(
    @Inject(UserRepository) private readonly users: UserRepository,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(TekoSettings) private readonly settings: TekoSettings,
  ) {}

  get isOn(): boolean {
    return this.settings.TEKO_PASSWORD_LOGIN === 'on';
  }

  /** The user with this address and password. Every refusal says the same and takes the same time. */
  async check(email: string, password: string): Promise<User> {
    if (!this.isOn) throw new DomainError('forbidden', 'Sign-in by password is turned off here.');
    const user = await this.users.findByEmail(email.trim().toLowerCase());
    const { hash, verify } = await argon2();
    const stored = user?.passwordHash ?? (await (this.decoy ??= hash('nobody has this password', COST)));
    const right = await verify(stored, password.slice(0, LENGTH.max)).catch(() => false);
    if (!right || !user?.passwordHash || user.disabled) {
      throw new DomainError('unauthenticated', 'Address or password is wrong.');
    }
    return user;
  }

  /** Sets the user's password. One who has a password must say it. */
  async change(user: User, { currentPassword, newPassword }: { currentPassword?: string; newPassword: string }) {
    const { hash, verify } = await argon2();
    if (user.passwordHash && !(await verify(user.passwordHash, currentPassword ?? '').catch(() => false))) {
      throw new InvalidError({ currentPassword: 'is not your password' });
    }
    if (newPassword.length < LENGTH.min || newPassword.length > LENGTH.max) {
      throw new InvalidError({ newPassword: `must have ${LENGTH.min} to ${LENGTH.max} characters` });
    }
    if (user.email && newPassword.toLowerCase() === user.email) {
      throw new InvalidError({ newPassword: 'must not be your address' });
    }
    const passwordHash = await hash(newPassword, COST);
    return this.users.update(user.id, { passwordHash, updatedAt: this.clock.now() });
  }
}
