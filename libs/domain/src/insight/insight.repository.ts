import type { ListQuery, Page } from '@teko/contracts';
import type { Insight } from './insight';

/** Stores insights. Repository and fingerprint are unique together. */
export interface InsightRepository {
  /** Throws ConflictError if the repository already has an insight with this fingerprint. */
  insert(insight: Insight): Promise<void>;
  findById(id: string): Promise<Insight | null>;
  findByFingerprint(repositoryId: string, fingerprint: string): Promise<Insight | null>;
  /** Returns up to `limit` insights of a repository: pinned ones first, then newest first. */
  findByRepository(repositoryId: string, limit: number): Promise<Insight[]>;
  update(id: string, patch: Partial<Insight>): Promise<Insight>;
  delete(id: string): Promise<void>;
  /** Deletes the insights of a source; a null `sourceId` means all sources of this kind. Returns the number of deleted insights. */
  deleteBySource(repositoryId: string, source: Insight['source'], sourceId: string | null): Promise<number>;
  /** Deletes the least recently updated insights until `keep` are left. Pinned insights are never deleted. */
  trim(repositoryId: string, keep: number): Promise<void>;
  /** Sort: createdAt, updatedAt, kind. Filters: repositoryId, kind, source, sourceId, pinned, stale. `q` searches text, path and author. */
  list(query: ListQuery): Promise<Page<Insight>>;
}

export const InsightRepository = Symbol('InsightRepository');
