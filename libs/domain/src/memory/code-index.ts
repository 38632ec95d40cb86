import type { CodeIndexStatus, IndexPhase } from '@teko/contracts';

/** State of a repository's code index: what was requested, what is in progress, and what can be searched. */
export interface CodeIndex {
  id: string;
  repositoryId: string;
  status: CodeIndexStatus;
  /** Why the last attempt failed; null if it did not. */
  statusReason: string | null;
  /** The commit that can be searched; null before the first index. */
  commit: string | null;
  /** When `commit` was indexed; null before the first index. */
  indexedAt: Date | null;
  /** What the index of `commit` contains; null before the first index. */
  coverage: IndexCoverage | null;
  /** Why search is currently degraded, e.g. missing vectors; null if it is not. */
  notice: string | null;
  /** Current phase of indexing; null if none is running. The file counts below show its progress. */
  phase: IndexPhase | null;
  doneFiles: number;
  totalFiles: number;
  cancelRequestedAt: Date | null;
  /** The process that is indexing, and the end of its lease. */
  leaseOwner: string | null;
  leaseExpiresAt: Date | null;
  /** Number of failed attempts for the same commit. */
  attempts: number;
  /** When the next attempt is due. */
  dueAt: Date;
  startedAt: Date | null;
  /** When the last attempt ended, successful or not. */
  finishedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** Returns a pending index that is due now. */
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
    leaseExpiresAt: null,
    attempts: 0,
    dueAt: now,
    startedAt: null,
    finishedAt: null,
    createdAt: now,
    updatedAt: now,
  };
}

/** What the index of a commit contains. */
export interface IndexCoverage {
  files: number;
  chunks: number;
  /** Chunks with a vector, which semantic search can find. */
  vectors: number;
  /** Model that made the vectors; null for keyword search only. */
  embedder: string | null;
  /** Number of skipped files by reason: vendored, generated, binary, minified, secret, large, limit. */
  skipped: Record<string, number>;
  /** Number of indexed files by language. */
  languages: Record<string, number>;
}
