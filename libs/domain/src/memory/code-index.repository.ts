import type { CodeIndex } from './code-index';

/** Stores how far the memory of each repository is. One row for each repository. */
export interface CodeIndexRepository {
  findByRepository(repositoryId: string): Promise<CodeIndex | null>;
  /** Asks for an index: stores the row, or sets the one that is there to pending with this `dueAt`. One that is being worked on goes on, though somebody asked for its end. Answers what is stored then. */
  request(index: CodeIndex): Promise<CodeIndex>;
  /**
   * The pending one that is due longest, or one whose right ended before `now`, with the right to work on it until `now + ttlMs`; null
   * where there is none. One that its worker left without a word has an attempt more.
   */
  claim(now: Date, owner: string, ttlMs: number): Promise<CodeIndex | null>;
  /** Writes while `owner` has the right to it; answers what is stored then, null where it is another's or gone. */
  updateClaimed(id: string, owner: string, patch: Partial<CodeIndex>): Promise<CodeIndex | null>;
  update(id: string, patch: Partial<CodeIndex>): Promise<CodeIndex>;
  /** Who has the right to one at the moment. */
  leaseOwners(): Promise<string[]>;
  /** Ends the rights of these owners before `now`. */
  endLeases(owners: string[], now: Date): Promise<void>;
  /** Those that can be searched and are not being worked on. */
  findReady(): Promise<CodeIndex[]>;
}

export const CodeIndexRepository = Symbol('CodeIndexRepository');
