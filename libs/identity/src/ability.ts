import { createMongoAbility, type MongoAbility } from '@casl/ability';
import { ROLE_RULES, type Action, type PermissionRule, type Subject } from '@teko/contracts';
import type { User } from '@teko/domain';

export type TekoAbility = MongoAbility<[Action, Subject | 'all']>;

/** The rules of all roles of a user; one who is disabled has none. */
export function rulesOf(user: Pick<User, 'roles' | 'disabled'>): PermissionRule[] {
  return user.disabled ? [] : user.roles.flatMap((role) => ROLE_RULES[role] ?? []);
}

/** What a user may do. Nothing listed means refused. */
export function abilityFor(user: Pick<User, 'roles' | 'disabled'>): TekoAbility {
  return createMongoAbility<TekoAbility>(rulesOf(user));
}
