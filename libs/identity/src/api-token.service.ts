import { Inject, Injectable } from '@nestjs/common';
import { covers, type Permission } from '@teko/contracts';
import {
  ApiTokenRepository,
  Clock,
  Ids,
  InvalidError,
  NotFoundError,
  UserRepository,
  type ApiToken,
} from '@teko/domain';
import { AccessService } from './access.service';
import type { Identity } from './identity';
import { hashOf, newSecret } from './secrets';

const PREFIX = 'teko_';
const VISIBLE_LENGTH = 10;
const TOUCH_INTERVAL_MS = 60_000;

/** Creates and identifies API tokens. A token is shown once; only its hash is stored. */
@Injectable()
export class ApiTokenService {
  constructor(
    @Inject(ApiTokenRepository) private readonly tokens: ApiTokenRepository,
    @Inject(UserRepository) private readonly users: UserRepository,
    @Inject(AccessService) private readonly access: AccessService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  /** Throws InvalidError for `scopes` if the caller lacks one of them on every repository. */
  async create(
    caller: Identity,
    input: { name: string; scopes: Permission[]; expiresAt: Date },
  ): Promise<{ token: ApiToken; secret: string }> {
    requireScopes(caller, input.scopes);
    const secret = PREFIX + newSecret();
    const token: ApiToken = {
      id: this.ids.next(),
      userId: caller.user.id,
      ...input,
      prefix: secret.slice(0, VISIBLE_LENGTH),
      tokenHash: hashOf(secret),
      lastUsedAt: null,
      createdAt: this.clock.now(),
    };
    await this.tokens.insert(token);
    return { token, secret };
  }

  /** Returns the caller with this token, or null if it is unknown or expired, or its user is disabled. */
  async identify(secret: string): Promise<Identity | null> {
    if (!secret.startsWith(PREFIX)) return null;
    const token = await this.tokens.findByTokenHash(hashOf(secret));
    const now = this.clock.now();
    if (!token || token.expiresAt <= now) return null;
    const user = await this.users.findById(token.userId);
    if (!user || user.disabled) return null;
    if (!token.lastUsedAt || now.getTime() - token.lastUsedAt.getTime() > TOUCH_INTERVAL_MS) {
      await this.tokens.touch(token.id, now);
    }
    return this.access.identityOf(user, { apiToken: token });
  }

  /** Revokes a token of this user. */
  async revoke(id: string, userId: string): Promise<void> {
    const token = await this.tokens.findById(id);
    if (token?.userId !== userId) throw new NotFoundError('token', id);
    await this.tokens.delete(id);
  }
}

function requireScopes({ access }: Identity, scopes: Permission[]): void {
  const own = [...access.own, ...access.permissions, ...access.grants.flatMap(({ permissions }) => permissions)];
  const missing = scopes.find((scope) => !covers(own, scope));
  if (missing) throw new InvalidError({ scopes: `you do not have ${missing} yourself` });
}
