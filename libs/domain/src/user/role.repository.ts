import type { ListQuery, Page } from '@teko/contracts';
import type { Role } from './role';

/** Stores roles. `name` is unique. */
export interface RoleRepository {
  insert(role: Role): Promise<void>;
  update(id: string, patch: Partial<Role>): Promise<Role>;
  findById(id: string): Promise<Role | null>;
  /** Returns the roles that exist, in no particular order. */
  findByNames(names: string[]): Promise<Role[]>;
  /** Sort: name, createdAt. Filters: builtIn. `q` searches name and description. */
  list(query: ListQuery): Promise<Page<Role>>;
  delete(id: string): Promise<void>;
}

export const RoleRepository = Symbol('RoleRepository');
