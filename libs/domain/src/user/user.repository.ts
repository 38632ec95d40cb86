import type { ListQuery, Page } from '@teko/contracts';
import type { User } from './user';

/** Stores users. `email` is unique where set. */
export interface UserRepository {
  insert(user: User): Promise<void>;
  update(id: string, patch: Partial<User>): Promise<User>;
  findById(id: string): Promise<User | null>;
  /** Returns the user with this email address in lower case, or null if there is none. */
  findByEmail(email: string): Promise<User | null>;
  /** Returns the oldest admin, whom the standalone server signs in, or null if there is none. */
  findFirstAdmin(): Promise<User | null>;
  /** Returns the number of enabled users with this role. */
  countWithRole(role: string): Promise<number>;
  /** Sort: name, email, createdAt. Filters: disabled. `q` searches name and email. */
  list(query: ListQuery): Promise<Page<User>>;
  /** Deletes the user with their sessions, tokens, accounts and grants. */
  delete(id: string): Promise<void>;
}

export const UserRepository = Symbol('UserRepository');
