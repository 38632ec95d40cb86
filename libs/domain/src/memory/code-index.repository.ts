import type { CodeIndex } from './code-index';

/** Stores the state of code indexes, one per repository. */
export interface CodeIndexRepository {
  findByRepository(repositoryId: string): Promise<CodeIndex | null>;
  /**
   * Requests indexing: stores the row, or sets the stored one to pending with this `dueAt`. Indexing that is in progress
   * continues, and a requested cancellation is dropped. Returns the stored row.
   */
  request(index: CodeIndex): Promise<CodeIndex>;
  /**
   * Leases the pending index that is due the longest, or one whose lease expired before `now`, until `now + ttlMs`. Returns
   * null if there is none. An expired lease counts as a failed attempt.
   */
  claim(now: Date, owner: string, ttlMs: number): Promise<CodeIndex | null>;
  /** Updates the row while `owner` has the lease. Returns the stored row, or null if the lease was lost or the row was deleted. */
  updateClaimed(id: string, owner: string, patch: Partial<CodeIndex>): Promise<CodeIndex | null>;
  update(id: string, patch: Partial<CodeIndex>): Promise<CodeIndex>;
  /** Returns the owners of all current leases. */
  leaseOwners(): Promise<string[]>;
  /** Expires the leases of these owners, so that others can claim the indexes at `now`. */
  expireLeases(owners: string[], now: Date): Promise<void>;
  /** Returns the indexes that can be searched and are not being updated. */
  findReady(): Promise<CodeIndex[]>;
}

export const CodeIndexRepository = Symbol('CodeIndexRepository');
