import type { InsightKind, InsightSource } from '@teko/contracts';

/** Knowledge about a repository, recorded by agents and users and given to later runs. */
export interface Insight {
  id: string;
  repositoryId: string;
  kind: InsightKind;
  text: string;
  /** The file that the insight is about; null if it is about the whole repository. */
  path: string | null;
  /** Blob id of the file when the insight was recorded. The insight is stale once the file has changed. */
  blob: string | null;
  /** Hash that identifies equal insights; unique within a repository. */
  fingerprint: string;
  source: InsightSource;
  /** Id of the run or user that recorded it. */
  sourceId: string;
  author: string;
  /** Pinned insights are given to agents first and do not become stale. */
  pinned: boolean;
  /** When Teko first detected that the file was changed or deleted; null while the insight is valid. */
  staleAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}
