import { AsyncLocalStorage } from 'node:async_hooks';

/** Makes the writes of several repositories one transaction. */
export interface UnitOfWork {
  /**
   * Commits all writes that `work` makes through repositories together, or none if it throws. The transaction starts with the
   * first write, so call other services before it, or in `afterCommit`. `work` is repeated if the database aborts it because of
   * a deadlock. A unit within a unit is a part of it.
   */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export const UnitOfWork = Symbol('UnitOfWork');

type Deferred = () => Promise<void>;

const scopes = new AsyncLocalStorage<{ isOpen: boolean; deferred: Deferred[] }>();

/** Runs `work` after the commit of the current unit of work, or at once if there is none: for what must not happen if the writes are undone. */
export async function afterCommit(work: Deferred): Promise<void> {
  const scope = scopes.getStore();
  if (scope?.isOpen) scope.deferred.push(work);
  else await work();
}

/** For implementations of UnitOfWork: runs `unit`, which commits, and then what it deferred. Throws the first error of that, after all of it. */
export async function withDeferred<T>(unit: () => Promise<T>): Promise<T> {
  const scope = { isOpen: true, deferred: [] as Deferred[] };
  let result: T;
  try {
    result = await scopes.run(scope, unit);
  } finally {
    scope.isOpen = false;
  }
  const errors: unknown[] = [];
  for (const work of scope.deferred) await work().catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw errors[0];
  return result;
}
