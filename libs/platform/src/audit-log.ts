import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AuditLogEntryRepository, Clock, type AuditLogEntry, type NewAuditLogEntry } from '@teko/domain';

const BATCH_SIZE = 500;
/** The only action whose entries release 0.1.0 hashed with dates as empty objects. Later releases do not record it. */
const LEGACY_ACTION = 'effects.pull';
const ISO_DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** An entry without its time, which the log adds. Omitted fields are stored as null. */
export type AuditLogDraft = Pick<NewAuditLogEntry, 'actorName' | 'action' | 'subjectType'> &
  Partial<Omit<NewAuditLogEntry, 'at'>>;

export interface AuditVerification {
  /** Number of valid entries before the first invalid one, or of all entries. */
  entries: number;
  /** The first invalid entry, or null if all entries are valid. */
  broken: { id: number; reason: string } | null;
}

/** Records who did what. Each entry contains the hash of the previous one, so that changes to the log can be detected. */
@Injectable()
export class AuditLog {
  constructor(
    @Inject(AuditLogEntryRepository) private readonly entries: AuditLogEntryRepository,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  record(draft: AuditLogDraft): Promise<AuditLogEntry> {
    const entry: NewAuditLogEntry = {
      at: this.clock.now(),
      actorId: null,
      apiTokenId: null,
      address: null,
      subjectId: null,
      repositoryId: null,
      before: null,
      after: null,
      ...draft,
    };
    return this.entries.append(entry, auditHash);
  }

  /** Verifies the whole chain and compares its end with the stored head. Includes entries that are written meanwhile. */
  async verify(): Promise<AuditVerification> {
    let last: Link = { id: 0, hash: '' };
    for (;;) {
      const batch = await this.entries.findAfter(last.id, BATCH_SIZE);
      for (const entry of batch) {
        const broken = entryError(entry, last);
        if (broken) return { entries: last.id, broken };
        last = entry;
      }
      if (batch.length > 0) continue;
      const { lastId, lastHash } = await this.entries.head();
      if (lastId > last.id && (await this.entries.findAfter(last.id, 1)).length > 0) continue;
      return { entries: last.id, broken: headError(last, { id: lastId, hash: lastHash }) };
    }
  }
}

interface Link {
  id: number;
  hash: string;
}

/** SHA-256 of all fields in a fixed order. `before` and `after` are hashed as the JSON that is stored, with sorted keys. */
export function auditHash(entry: Omit<AuditLogEntry, 'hash'>): string {
  return hashOf(entry, (_key, value) => value);
}

/** The hash of a LEGACY_ACTION entry of release 0.1.0. */
function legacyAuditHash(entry: Omit<AuditLogEntry, 'hash'>): string {
  return hashOf(entry, (_key, value) => (typeof value === 'string' && ISO_DATE.test(value) ? {} : value));
}

function hashOf(entry: Omit<AuditLogEntry, 'hash'>, reviver: (key: string, value: unknown) => unknown): string {
  const { id, at, actorId, actorName, apiTokenId, address, action, subjectType } = entry;
  const { subjectId, repositoryId, previousHash } = entry;
  const [before, after] = [entry.before, entry.after].map((value) =>
    sorted(JSON.parse(JSON.stringify(value), reviver)),
  );
  const actor = [actorId, actorName, apiTokenId, address];
  const change = [action, subjectType, subjectId, repositoryId, before, after];
  const text = JSON.stringify([id, at.toISOString(), ...actor, ...change, previousHash]);
  return createHash('sha256').update(text).digest('hex');
}

function entryError(entry: AuditLogEntry, previous: Link): AuditVerification['broken'] {
  if (entry.id !== previous.id + 1) return missing(previous.id + 1);
  if (entry.previousHash !== previous.hash) return { id: entry.id, reason: 'does not follow the previous entry' };
  const isLegacy = entry.action === LEGACY_ACTION && entry.hash === legacyAuditHash(entry);
  return isLegacy || entry.hash === auditHash(entry) ? null : { id: entry.id, reason: 'was altered' };
}

function headError(last: Link, head: Link): AuditVerification['broken'] {
  if (last.id < head.id) return missing(last.id + 1);
  if (last.id > head.id) return { id: head.id + 1, reason: 'was not written by Teko' };
  return last.hash === head.hash ? null : { id: last.id, reason: 'does not match the stored head of the log' };
}

function missing(id: number) {
  return { id, reason: 'is missing' };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
