import type { CodebaseProfile } from './codebase-profile';

/** Stores codebase profiles, one per repository and commit. */
export interface CodebaseProfileRepository {
  /** Inserts, or replaces the profile of the same repository and commit. */
  save(profile: CodebaseProfile): Promise<void>;
  findByCommit(repositoryId: string, commit: string): Promise<CodebaseProfile | null>;
  findLatest(repositoryId: string): Promise<CodebaseProfile | null>;
  /** Returns up to `limit` profiles of a repository, newest first. */
  findHistory(repositoryId: string, limit: number): Promise<CodebaseProfile[]>;
}

export const CodebaseProfileRepository = Symbol('CodebaseProfileRepository');
