import type { ListQuery, Page } from '@teko/contracts';
import type { Repository } from './repository';

/*
 * Rules for all repository ports: they accept and return domain types, and lists are paged by the query of the REST API.
 * Writing a row that does not exist throws NotFoundError, violating a unique key throws ConflictError. `find...` methods
 * return null if there is no such row.
 */

/** Stores the code repositories that Teko manages. `url` is unique. */
export interface RepositoryRepository {
  insert(repository: Repository): Promise<void>;
  update(id: string, patch: Partial<Repository>): Promise<Repository>;
  findById(id: string): Promise<Repository | null>;
  findByUrl(url: string): Promise<Repository | null>;
  findByForgeId(forge: Repository['forge'], forgeId: string): Promise<Repository | null>;
  /** Sets `reconciledAt` to `now` if it still equals `expected`. Returns false if another process was first. */
  claimReconciliation(id: string, expected: Date | null, now: Date): Promise<boolean>;
  /** Adds to the count of events that webhooks missed and reconciliation found. */
  addMissedEvents(id: string, count: number): Promise<void>;
  /** Returns queue weights by repository id; only those that differ from 1. */
  findWeights(): Promise<Record<string, number>>;
  /** Sort: name, createdAt, updatedAt. Filters: status, forge, archived, demo. `q` searches name and url. */
  list(query: ListQuery): Promise<Page<Repository>>;
  /** Deletes the repository with everything that belongs to it (tasks, runs, steps, changes, findings, profiles, model calls). */
  delete(id: string): Promise<void>;
}

export const RepositoryRepository = Symbol('RepositoryRepository');
