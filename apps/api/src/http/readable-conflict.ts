import type { Subject } from '@teko/contracts';
import { ConflictError } from '@teko/domain';
import { isAllowedOn, type TekoAbility } from '@teko/identity';

/**
 * Returns a handler for rejected promises that rethrows the error, without what it says about a row that the caller cannot read: who can
 * create rows cannot always read those of others. `repositoryId` is the repository of the row, unless the error names it.
 */
export function hideUnreadable(
  ability: TekoAbility,
  subject: Subject,
  repositoryId?: string,
): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof ConflictError)) throw error;
    const id = repositoryId ?? error.details.repositoryId;
    if (typeof id !== 'string' || isAllowedOn(ability, 'read', subject, id)) throw error;
    throw new ConflictError(`this ${subject.toLowerCase()} already exists`);
  };
}
