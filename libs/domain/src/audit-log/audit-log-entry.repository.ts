import type { ListQuery, Page } from '@teko/contracts';
import type { AuditLogEntry, NewAuditLogEntry } from './audit-log-entry';

/** Stores who did what. There is no way to change or delete an entry. */
export interface AuditLogEntryRepository {
  /** Numbers the entry and chains it to the one before; `hash` makes the hash of what is about to be stored. */
  append(entry: NewAuditLogEntry, hash: (entry: Omit<AuditLogEntry, 'hash'>) => string): Promise<AuditLogEntry>;
  /** Number and hash of the entry that was stored last, kept apart from the entries; 0 and '' when there was none. */
  head(): Promise<{ lastId: number; lastHash: string }>;
  /** Entries with an id above `afterId`, in order. */
  after(afterId: number, limit: number): Promise<AuditLogEntry[]>;
  findById(id: number): Promise<AuditLogEntry | null>;
  /** Sort: id, at. Filters: action, actorId, subjectType, subjectId, repositoryId, apiTokenId. `q` looks in action and actorName. */
  list(query: ListQuery): Promise<Page<AuditLogEntry>>;
}

export const AuditLogEntryRepository = Symbol('AuditLogEntryRepository');
