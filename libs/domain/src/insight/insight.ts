import type { InsightKind, InsightSource } from '@teko/contracts';

/** A fact about a repository that agents and people wrote down for later work. */
export interface Insight {
  id: string;
  repositoryId: string;
  kind: InsightKind;
  text: string;
  /** File that it is about; null where it is about all of the repository. */
  path: string | null;
  /** The file's content when it was written down: once that has changed, the fact is stale. */
  blob: string | null;
  /** Says which facts are the same: a repository has no two of one fingerprint. */
  fingerprint: string;
  source: InsightSource;
  /** The run or the user that wrote it. */
  sourceId: string;
  author: string;
  /** Pinned facts are given to agents first, and do not go stale. */
  pinned: boolean;
  /** When its file was first seen to be another than it was then, or gone; null while it holds. */
  staleAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}
