import type { Account, AccountProvider } from './account';

/** Stores accounts at OAuth providers. Provider and subject are unique together. */
export interface AccountRepository {
  insert(account: Account): Promise<void>;
  find(provider: AccountProvider, subject: string): Promise<Account | null>;
  findById(id: string): Promise<Account | null>;
  findByUser(userId: string): Promise<Account[]>;
  delete(id: string): Promise<void>;
}

export const AccountRepository = Symbol('AccountRepository');
