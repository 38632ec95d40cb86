/** A record of who did what. Ids have no gaps, and each entry contains the hash of the previous one. */
export interface AuditLogEntry {
  id: number;
  at: Date;
  actorId: string | null;
  actorName: string;
  /** The API token of the request; null if none was used. */
  apiTokenId: string | null;
  /** IP address of the caller; null for Teko itself. */
  address: string | null;
  /** Resource and verb, e.g. `tasks.create`. */
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
