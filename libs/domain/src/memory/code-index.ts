import type { CodeIndexStatus, IndexPhase } from '@teko/contracts';

/** How far the memory of a repository's code is: what was asked for, what is being done, and what can be searched. */
export interface CodeIndex {
  id: string;
  repositoryId: string;
  status: CodeIndexStatus;
  /** Why the last try failed; null where it did not. */
  statusReason: string | null;
  /** The commit that can be searched; null before the first index. */
  commit: string | null;
  /** When `commit` was ready; null before the first index. */
  indexedAt: Date | null;
  /** What is there for `commit`; null before the first index. */
  coverage: IndexCoverage | null;
  /** What makes search worse at the moment, as vectors that are missing; null where all is well. */
  notice: string | null;
  /** What is being done, and how many of how many files; null while nothing is. */
  phase: IndexPhase | null;
  doneFiles: number;
  totalFiles: number;
  cancelRequestedAt: Date | null;
  /** The process that works on it, and until when it has the right to. */
  leaseOwner: string | null;
  leasedUntil: Date | null;
  /** How often the same commit was tried without success. */
  attempts: number;
  /** When it is tried again. */
  dueAt: Date;
  startedAt: Date | null;
  /** When the last try ended, however it did. */
  finishedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** An index that is asked for now. */
export function newCodeIndex(id: string, repositoryId: string, now: Date): CodeIndex {
  return {
    id,
    repositoryId,
    status: 'pending',
    statusReason: null,
    commit: null,
    indexedAt: null,
    coverage: null,
    notice: null,
    phase: null,
    doneFiles: 0,
    totalFiles: 0,
    cancelRequestedAt: null,
    leaseOwner: null,
    leasedUntil: null,
    attempts: 0,
    dueAt: now,
    startedAt: null,
    finishedAt: null,
    createdAt: now,
    updatedAt: now,
  };
}

/** What of a commit is in memory. */
export interface IndexCoverage {
  files: number;
  chunks: number;
  /** Chunks that have a vector, so that they can be found by meaning. */
  vectors: number;
  /** Model that made the vectors; null where search is by words alone. */
  embedder: string | null;
  /** Files that are left out, by reason: vendored, generated, binary, minified, secret, large, limit. */
  skipped: Record<string, number>;
  /** Indexed files by language. */
  languages: Record<string, number>;
}
