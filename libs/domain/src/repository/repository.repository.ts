import type { ListQuery, Page } from '@teko/contracts';
import type { Repository } from './repository';

/*
 * Every port, with its dependency-injection token of the same name. Repositories take and give the nouns of this
 * library; lists are paged by the outside interface's query. A write of a row that does not exist throws NotFoundError,
 * one that breaks a unique key throws ConflictError.
 */

/** Stores code repositories under care. `url` is unique. */
export interface RepositoryRepository {
  insert(repository: Repository): Promise<void>;
  update(id: string, patch: Partial<Repository>): Promise<Repository>;
  findById(id: string): Promise<Repository | null>;
  findByUrl(url: string): Promise<Repository | null>;
  findByForgeId(forge: Repository['forge'], forgeId: string): Promise<Repository | null>;
  /** Moves the time of the last look at the forge from `seen`; false where another process was first. */
  claimReconciliation(id: string, seen: Date | null, now: Date): Promise<boolean>;
  /** Counts what webhooks lost and asking found. */
  addMissedEvents(id: string, count: number): Promise<void>;
  /** Shares of the queue, by id; only those that are not 1. */
  findWeights(): Promise<Record<string, number>>;
  /** Sort: name, createdAt, updatedAt. Filters: status, forge, archived, demo. `q` looks in name and url. */
  list(query: ListQuery): Promise<Page<Repository>>;
  /** Deletes it and everything that hangs on it (tasks, runs, steps, changes, findings, profiles, model calls). */
  delete(id: string): Promise<void>;
}

export const RepositoryRepository = Symbol('RepositoryRepository');
