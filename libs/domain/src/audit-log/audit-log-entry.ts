/** Who did what. Entries are numbered without a gap, and each holds the hash of the one before. */
export interface AuditLogEntry {
  id: number;
  at: Date;
  actorId: string | null;
  actorName: string;
  /** The token that was used, if any. */
  apiTokenId: string | null;
  /** Network address of the caller; null for Teko itself. */
  address: string | null;
  /** Verb and noun, e.g. `tasks.create`. */
  action: string;
  subjectType: string;
  subjectId: string | null;
  repositoryId: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  previousHash: string;
  hash: string;
}

export type NewAuditLogEntry = Omit<AuditLogEntry, 'id' | 'previousHash' | 'hash'>;
