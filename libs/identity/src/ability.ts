import { createMongoAbility, type MongoAbility } from '@casl/ability';
import { accessRules, type Access, type Action, type Subject } from '@teko/contracts';

/** What CASL asks conditions of: the repository that a row belongs to. */
export interface Target {
  repositoryId: string | null;
}

export type TekoAbility = MongoAbility<[Action, Subject | 'all' | (Target & { __caslSubjectType__: Subject })]>;

/** What somebody may do. Nothing listed means refused. */
export function abilityFor(access: Access): TekoAbility {
  return createMongoAbility<TekoAbility>(accessRules(access));
}

/** Whether the action is allowed on a row that belongs to this repository; null is a row that belongs to none. */
export function mayOn(ability: TekoAbility, action: Action, subject: Subject, repositoryId: string | null): boolean {
  return ability.can(action, { repositoryId, __caslSubjectType__: subject });
}

/** The repositories whose rows may be read; undefined when all may. The filter of every list. */
export function readableWithin(ability: TekoAbility, subject: Subject): string[] | undefined {
  const ids = new Set<string>();
  for (const { conditions } of ability.rulesFor('read', subject)) {
    if (!conditions) return undefined;
    for (const id of (conditions as { repositoryId: { $in: string[] } }).repositoryId.$in) ids.add(id);
  }
  return [...ids];
}
