import type { ListQuery, Page } from '@teko/contracts';
import type { Insight } from './insight';

/** Stores facts about repositories. A repository has one for each fingerprint. */
export interface InsightRepository {
  /** Throws ConflictError where the same fact is stored. */
  insert(insight: Insight): Promise<void>;
  findById(id: string): Promise<Insight | null>;
  findSame(repositoryId: string, fingerprint: string): Promise<Insight | null>;
  /** Pinned ones first, then the newest. */
  findByRepository(repositoryId: string, limit: number): Promise<Insight[]>;
  update(id: string, patch: Partial<Insight>): Promise<Insight>;
  delete(id: string): Promise<void>;
  /** Deletes what one source wrote; answers how many there were. */
  purge(repositoryId: string, source: Insight['source'], sourceId: string | null): Promise<number>;
  /** Deletes those that were changed longest ago, so that `keep` are left; pinned ones stay, however many. */
  trim(repositoryId: string, keep: number): Promise<void>;
  /** Sort: createdAt, updatedAt, kind. Filters: repositoryId, kind, source, sourceId, pinned, stale. `q` looks in text, path and author. */
  list(query: ListQuery): Promise<Page<Insight>>;
}

export const InsightRepository = Symbol('InsightRepository');
