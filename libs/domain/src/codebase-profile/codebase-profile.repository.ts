import type { CodebaseProfile } from './codebase-profile';

/** Stores what analysis found, one row for each commit. */
export interface CodebaseProfileRepository {
  /** Inserts, or replaces the profile of the same repository and commit. */
  save(profile: CodebaseProfile): Promise<void>;
  findByCommit(repositoryId: string, commit: string): Promise<CodebaseProfile | null>;
  findLatest(repositoryId: string): Promise<CodebaseProfile | null>;
  /** The newest, newest first. */
  findHistory(repositoryId: string, limit: number): Promise<CodebaseProfile[]>;
}

export const CodebaseProfileRepository = Symbol('CodebaseProfileRepository');
