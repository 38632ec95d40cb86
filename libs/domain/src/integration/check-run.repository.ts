import type { StoredCheckRun } from './check-run';

/** Stores results of CI. Repository and the forge's identifier are unique together. */
export interface CheckRunRepository {
  /** Stores it, or brings the stored one up to date. */
  save(result: StoredCheckRun): Promise<void>;
  findByCommit(repositoryId: string, headCommit: string): Promise<StoredCheckRun[]>;
  /** Names of checks that both failed and passed on one and the same commit. */
  findFlaky(repositoryId: string): Promise<string[]>;
}

export const CheckRunRepository = Symbol('CheckRunRepository');
