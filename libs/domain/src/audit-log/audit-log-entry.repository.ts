import type { ListQuery, Page } from '@teko/contracts';
import type { AuditLogEntry, NewAuditLogEntry } from './audit-log-entry';

/** Append-only store of the audit log. Entries cannot be changed or deleted. */
export interface AuditLogEntryRepository {
  /** Appends an entry with the next id and the hash of the previous entry. `hash` computes the hash of the new entry. */
  append(entry: NewAuditLogEntry, hash: (entry: Omit<AuditLogEntry, 'hash'>) => string): Promise<AuditLogEntry>;
  /** Returns id and hash of the last entry, which are stored separately from the entries; 0 and '' if there is none. */
  head(): Promise<{ lastId: number; lastHash: string }>;
  /** Returns up to `limit` entries with an id above `afterId`, in ascending order. */
  findAfter(afterId: number, limit: number): Promise<AuditLogEntry[]>;
  findById(id: number): Promise<AuditLogEntry | null>;
  /** Sort: id, at. Filters: action, actorId, subjectType, subjectId, repositoryId, apiTokenId. `q` searches action and actorName. */
  list(query: ListQuery): Promise<Page<AuditLogEntry>>;
}

export const AuditLogEntryRepository = Symbol('AuditLogEntryRepository');
