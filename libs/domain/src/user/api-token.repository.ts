import type { ListQuery, Page } from '@teko/contracts';
import type { ApiToken } from './api-token';

/** Stores API tokens. */
export interface ApiTokenRepository {
  insert(token: ApiToken): Promise<void>;
  findById(id: string): Promise<ApiToken | null>;
  findByTokenHash(tokenHash: string): Promise<ApiToken | null>;
  /** Sets `lastUsedAt`. */
  touch(id: string, at: Date): Promise<void>;
  /** Sort: name, createdAt, expiresAt, lastUsedAt. Filters: userId. */
  list(query: ListQuery): Promise<Page<ApiToken>>;
  delete(id: string): Promise<void>;
}

export const ApiTokenRepository = Symbol('ApiTokenRepository');
