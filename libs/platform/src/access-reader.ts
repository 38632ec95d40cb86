import { Inject, Injectable } from '@nestjs/common';
import {
  OWN_PERMISSIONS,
  ROLE_PERMISSIONS,
  ROLES,
  type Access,
  type Permission,
  type BuiltInRole,
} from '@teko/contracts';
import { RepositoryGrantRepository, RoleRepository, type User } from '@teko/domain';

const isSeeded = (name: string): name is BuiltInRole => (ROLES as readonly string[]).includes(name);

/** Reads the permissions of users: those of their roles, and those granted on single repositories. */
@Injectable()
export class AccessReader {
  constructor(
    @Inject(RoleRepository) private readonly roles: RoleRepository,
    @Inject(RepositoryGrantRepository) private readonly grants: RepositoryGrantRepository,
  ) {}

  async accessOf(user: Pick<User, 'id' | 'roles'>): Promise<Access> {
    const grants = await this.grants.findByUser(user.id);
    const byName = await this.permissionsOf([...user.roles, ...grants.map(({ role }) => role)]);
    return {
      own: OWN_PERMISSIONS,
      permissions: user.roles.flatMap((name) => byName.get(name) ?? []),
      grants: grants.map(({ repositoryId, role }) => ({ repositoryId, permissions: byName.get(role) ?? [] })),
    };
  }

  /** Returns the permissions of each existing role. Built-in roles are defined in code; the database cannot change them. */
  async permissionsOf(names: string[]): Promise<Map<string, Permission[]>> {
    const stored = await this.roles.findByNames([...new Set(names)].filter((name) => !isSeeded(name)));
    return new Map([
      ...names.filter(isSeeded).map((name): [string, Permission[]] => [name, ROLE_PERMISSIONS[name]]),
      ...stored.map(({ name, permissions }): [string, Permission[]] => [name, permissions]),
    ]);
  }
}
