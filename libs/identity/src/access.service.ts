import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import {
  covers,
  ROLE_PERMISSIONS,
  ROLES,
  TOKEN_PERMISSIONS,
  type Access,
  type Permission,
  type SeededRole,
} from '@teko/contracts';
import {
  ApiTokenRepository,
  Clock,
  ConflictError,
  DomainError,
  Ids,
  RoleRepository,
  SessionRepository,
  UserRepository,
  type ApiToken,
  type Session,
  type User,
} from '@teko/domain';
import { AccessReader } from '@teko/platform';
import { abilityFor } from './ability';
import type { Identity } from './identity';

const SEEDED_TEXT: Record<SeededRole, string> = {
  admin: 'Everything.',
  maintainer: 'Repositories, and all work on them.',
  developer: 'Tasks, runs and comments.',
  viewer: 'Reads all work.',
};

/** Says what users may do, from their roles everywhere and on single repositories. */
@Injectable()
export class AccessService implements OnModuleInit {
  constructor(
    @Inject(RoleRepository) private readonly roles: RoleRepository,
    @Inject(AccessReader) private readonly reader: AccessReader,
    @Inject(UserRepository) private readonly users: UserRepository,
    @Inject(SessionRepository) private readonly sessions: SessionRepository,
    @Inject(ApiTokenRepository) private readonly apiTokens: ApiTokenRepository,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  /** Stores the roles that come with Teko. */
  async onModuleInit(): Promise<void> {
    const stored = await this.roles.findByNames([...ROLES]);
    for (const name of ROLES) {
      const fresh = {
        description: SEEDED_TEXT[name],
        permissions: ROLE_PERMISSIONS[name],
        updatedAt: this.clock.now(),
      };
      const known = stored.find((role) => role.name === name);
      if (known) await this.roles.update(known.id, fresh);
      else await this.add(name, fresh);
    }
  }

  async identityOf(user: User, by: { session: Session } | { apiToken: ApiToken }): Promise<Identity> {
    const apiToken = 'apiToken' in by ? by.apiToken : null;
    const whole = await this.reader.accessOf(user);
    const access = apiToken ? narrowed(whole, apiToken.scopes) : whole;
    return { user, session: 'session' in by ? by.session : null, apiToken, access, ability: abilityFor(access) };
  }

  /** The same caller as things are now; null where session or token is over, or the user is disabled. */
  async refreshed({ user, session, apiToken }: Identity): Promise<Identity | null> {
    const stored = session
      ? await this.sessions.findByTokenHash(session.tokenHash)
      : apiToken && (await this.apiTokens.findByTokenHash(apiToken.tokenHash));
    const current = stored && stored.expiresAt > this.clock.now() && (await this.users.findById(user.id));
    if (!current || current.disabled) return null;
    return this.identityOf(current, session ? { session } : { apiToken: apiToken! });
  }

  /** Throws `forbidden` where a role would give more than the giver has: nobody lifts themselves or others above. */
  async requireCovers(giver: Identity, roleNames: string[]): Promise<void> {
    const wanted = [...(await this.reader.permissionsOf(roleNames)).values()].flat();
    requireCovered(giver, wanted);
  }

  /** Throws `forbidden` where this user may more than the caller, anywhere: who changes users becomes none of them. */
  async requireNotAbove(caller: Identity, user: User): Promise<void> {
    const { permissions, grants } = await this.reader.accessOf(user);
    requireCovered(caller, [...permissions, ...grants.flatMap((grant) => grant.permissions)]);
  }

  private async add(name: SeededRole, fresh: { description: string; permissions: Permission[]; updatedAt: Date }) {
    const role = { ...fresh, id: this.ids.next(), name, seeded: true, createdAt: fresh.updatedAt };
    await this.roles.insert(role).catch((error: unknown) => {
      // Another process that starts beside this one was first.
      if (!(error instanceof ConflictError)) throw error;
    });
  }
}

/** Throws `forbidden` where one of these permissions is more than the giver has. */
export function requireCovered({ access }: Identity, wanted: Permission[]): void {
  const held = [...access.own, ...access.permissions];
  const missing = wanted.find((permission) => !covers(held, permission));
  if (missing) throw new DomainError('forbidden', `You cannot give ${missing}, as you do not have it yourself.`);
}

/** No more than both the user and the scopes of the token allow. */
function narrowed({ own, permissions, grants }: Access, scopes: Permission[]): Access {
  const both = (held: readonly Permission[]): Permission[] => [
    ...held.filter((permission) => covers(scopes, permission)),
    ...scopes.filter((scope) => covers(held, scope)),
  ];
  return {
    own: TOKEN_PERMISSIONS.filter((permission) => permission === 'read:Me' || covers(scopes, permission)).filter(
      (permission) => own.includes(permission),
    ),
    permissions: both(permissions),
    grants: grants.map(({ repositoryId, permissions: held }) => ({ repositoryId, permissions: both(held) })),
  };
}
