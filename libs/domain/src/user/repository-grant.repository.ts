import type { ListQuery, Page } from '@teko/contracts';
import type { RepositoryGrant } from './repository-grant';

/** Stores roles of users on single repositories. A user has at most one role per repository. */
export interface RepositoryGrantRepository {
  insert(grant: RepositoryGrant): Promise<void>;
  findById(id: string): Promise<RepositoryGrant | null>;
  findByUser(userId: string): Promise<RepositoryGrant[]>;
  /** Returns the number of grants with this role. */
  countWithRole(role: string): Promise<number>;
  /** Sort: createdAt. Filters: userId, repositoryId, role. */
  list(query: ListQuery): Promise<Page<RepositoryGrant>>;
  delete(id: string): Promise<void>;
}

export const RepositoryGrantRepository = Symbol('RepositoryGrantRepository');
