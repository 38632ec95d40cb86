import { createMongoAbility, type MongoAbility } from '@casl/ability';
import { accessRules, type Access, type Action, type Subject } from '@teko/contracts';

/** The fields of a row that CASL conditions use. */
export interface Target {
  repositoryId: string | null;
}

export type TekoAbility = MongoAbility<[Action, Subject | 'all' | (Target & { __caslSubjectType__: Subject })]>;

/** Returns the ability for some permissions. Everything that they do not include is forbidden. */
export function abilityFor(access: Access): TekoAbility {
  return createMongoAbility<TekoAbility>(accessRules(access));
}

/** Returns true if the action is allowed on a row of this repository, or on a row without one if it is null. */
export function isAllowedOn(
  ability: TekoAbility,
  action: Action,
  subject: Subject,
  repositoryId: string | null,
): boolean {
  return ability.can(action, { repositoryId, __caslSubjectType__: subject });
}

/** Returns the ids of the repositories whose rows can be read, or undefined for all. All lists are filtered by it. */
export function readableRepositoryIds(ability: TekoAbility, subject: Subject): string[] | undefined {
  const ids = new Set<string>();
  for (const { conditions } of ability.rulesFor('read', subject)) {
    if (!conditions) return undefined;
    for (const id of (conditions as { repositoryId: { $in: string[] } }).repositoryId.$in) ids.add(id);
  }
  return [...ids];
}
