import type { StoredCheckRun } from './check-run';

/** Stores check runs. Repository and external id are unique together. */
export interface CheckRunRepository {
  /** Inserts the check run, or updates the stored one. */
  save(result: StoredCheckRun): Promise<void>;
  findByCommit(repositoryId: string, headCommit: string): Promise<StoredCheckRun[]>;
  /** Returns the names of checks that both failed and passed on the same commit. */
  findFlaky(repositoryId: string): Promise<string[]>;
}

export const CheckRunRepository = Symbol('CheckRunRepository');
