import type { ListQuery, Page } from '@teko/contracts';
import type { User } from './user';

/* The ports of who may do what and who did it; the same rules hold as in ports.ts. */

/** Stores users. `email` is unique where set. */
export interface UserRepository {
  insert(user: User): Promise<void>;
  update(id: string, patch: Partial<User>): Promise<User>;
  findById(id: string): Promise<User | null>;
  /** By the address in lower case. */
  findByEmail(email: string): Promise<User | null>;
  /** The user that the embedded start signs in: the oldest admin. */
  findFirstAdmin(): Promise<User | null>;
  /** How many users who are not disabled have this role. */
  countWithRole(role: string): Promise<number>;
  /** Sort: name, email, createdAt. Filters: disabled. `q` looks in name and email. */
  list(query: ListQuery): Promise<Page<User>>;
  /** Deletes the user with sessions, tokens, accounts and grants. */
  delete(id: string): Promise<void>;
}

export const UserRepository = Symbol('UserRepository');
