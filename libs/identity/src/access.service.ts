import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import {
  covers,
  ROLE_PERMISSIONS,
  ROLES,
  TOKEN_PERMISSIONS,
  type Access,
  type Permission,
  type BuiltInRole,
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

const SEEDED_DESCRIPTIONS: Record<BuiltInRole, string> = {
  admin: 'Full access.',
  maintainer: 'Manages repositories and all work on them.',
  developer: 'Works with tasks, runs and comments.',
  viewer: 'Read-only access to all work.',
};

/** Determines the permissions of callers: those of their roles, and those granted on single repositories. */
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

  /** Stores the built-in roles. */
  async onModuleInit(): Promise<void> {
    const stored = await this.roles.findByNames([...ROLES]);
    for (const name of ROLES) {
      const values = {
        description: SEEDED_DESCRIPTIONS[name],
        permissions: ROLE_PERMISSIONS[name],
        updatedAt: this.clock.now(),
      };
      const existing = stored.find((role) => role.name === name);
      if (existing) await this.roles.update(existing.id, values);
      else await this.add(name, values);
    }
  }

  async identityOf(user: User, by: { session: Session } | { apiToken: ApiToken }): Promise<Identity> {
    const apiToken = 'apiToken' in by ? by.apiToken : null;
    const userAccess = await this.reader.accessOf(user);
    const access = apiToken ? restricted(userAccess, apiToken.scopes) : userAccess;
    return { user, session: 'session' in by ? by.session : null, apiToken, access, ability: abilityFor(access) };
  }

  /** Reloads a caller. Returns null if the session or token has ended or expired, or the user is disabled. */
  async refresh({ user, session, apiToken }: Identity): Promise<Identity | null> {
    const stored = session
      ? await this.sessions.findByTokenHash(session.tokenHash)
      : apiToken && (await this.apiTokens.findByTokenHash(apiToken.tokenHash));
    const current = stored && stored.expiresAt > this.clock.now() && (await this.users.findById(user.id));
    if (!current || current.disabled) return null;
    return this.identityOf(current, session ? { session } : { apiToken: apiToken! });
  }

  /** Throws `forbidden` if a role has permissions that the caller lacks, to prevent privilege escalation. */
  async requireGrantableRoles(caller: Identity, roleNames: string[]): Promise<void> {
    const permissions = [...(await this.reader.permissionsOf(roleNames)).values()].flat();
    requireGrantable(caller, permissions);
  }

  /** Throws `forbidden` if the user has permissions that the caller lacks, to prevent account takeover. */
  async requireManageable(caller: Identity, user: User): Promise<void> {
    const { permissions, grants } = await this.reader.accessOf(user);
    requireGrantable(caller, [...permissions, ...grants.flatMap((grant) => grant.permissions)]);
  }

  private async add(name: BuiltInRole, values: { description: string; permissions: Permission[]; updatedAt: Date }) {
    const role = { ...values, id: this.ids.next(), name, builtIn: true, createdAt: values.updatedAt };
    await this.roles.insert(role).catch((error: unknown) => {
      // Another process that starts at the same time inserted it.
      if (!(error instanceof ConflictError)) throw error;
    });
  }
}

/** Throws `forbidden` if the caller lacks one of these permissions. */
export function requireGrantable({ access }: Identity, permissions: Permission[]): void {
  const own = [...access.own, ...access.permissions];
  const missing = permissions.find((permission) => !covers(own, permission));
  if (missing) throw new DomainError('forbidden', `You cannot grant ${missing}, because you do not have it yourself.`);
}

/** Returns the permissions that both the user and the scopes of the token include. */
function restricted({ own, permissions, grants }: Access, scopes: Permission[]): Access {
  const intersection = (granted: readonly Permission[]): Permission[] => [
    ...granted.filter((permission) => covers(scopes, permission)),
    ...scopes.filter((scope) => covers(granted, scope)),
  ];
  return {
    own: TOKEN_PERMISSIONS.filter((permission) => permission === 'read:Me' || covers(scopes, permission)).filter(
      (permission) => own.includes(permission),
    ),
    permissions: intersection(permissions),
    grants: grants.map((grant) => ({
      repositoryId: grant.repositoryId,
      permissions: intersection(grant.permissions),
    })),
  };
}
