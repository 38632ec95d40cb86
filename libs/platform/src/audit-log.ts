import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AuditLogEntryRepository, Clock, type AuditLogEntry, type NewAuditLogEntry } from '@teko/domain';

const BATCH = 500;

/** What is known of a deed; the log adds when it was. */
export type Deed = Pick<NewAuditLogEntry, 'actorName' | 'action' | 'subjectType'> &
  Partial<Omit<NewAuditLogEntry, 'at'>>;

export interface AuditVerification {
  /** Entries that were read. */
  entries: number;
  /** The first entry that is not as it was written; null when all are. */
  broken: { id: number; reason: string } | null;
}

/** Writes who did what, each entry chained to the one before, and finds out whether somebody altered the log. */
@Injectable()
export class AuditLog {
  constructor(
    @Inject(AuditLogEntryRepository) private readonly entries: AuditLogEntryRepository,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  record(deed: Deed): Promise<AuditLogEntry> {
    const entry: NewAuditLogEntry = {
      at: this.clock.now(),
      actorId: null,
      apiTokenId: null,
      address: null,
      subjectId: null,
      repositoryId: null,
      before: null,
      after: null,
      ...deed,
    };
    return this.entries.append(entry, auditHash);
  }

  /** Reads the whole chain and compares its end with the head. What is written meanwhile is read too. */
  async verify(): Promise<AuditVerification> {
    let last: Link = { id: 0, hash: '' };
    for (;;) {
      const batch = await this.entries.after(last.id, BATCH);
      for (const entry of batch) {
        const broken = faultOf(entry, last);
        if (broken) return { entries: last.id, broken };
        last = entry;
      }
      if (batch.length > 0) continue;
      const { lastId, lastHash } = await this.entries.head();
      if (lastId > last.id && (await this.entries.after(last.id, 1)).length > 0) continue;
      return { entries: last.id, broken: faultOfEnd(last, { id: lastId, hash: lastHash }) };
    }
  }
}

interface Link {
  id: number;
  hash: string;
}

/** SHA-256 over every field in a fixed order; moments as ISO 8601, objects with sorted keys. */
export function auditHash(entry: Omit<AuditLogEntry, 'hash'>): string {
  const { id, at, actorId, actorName, apiTokenId, address, action, subjectType } = entry;
  const { subjectId, repositoryId, before, after, previousHash } = entry;
  const who = [actorId, actorName, apiTokenId, address];
  const what = [action, subjectType, subjectId, repositoryId, sorted(before), sorted(after)];
  const text = JSON.stringify([id, at.toISOString(), ...who, ...what, previousHash]);
  return createHash('sha256').update(text).digest('hex');
}

function faultOf(entry: AuditLogEntry, previous: Link): AuditVerification['broken'] {
  if (entry.id !== previous.id + 1) return missing(previous.id + 1);
  if (entry.previousHash !== previous.hash) return { id: entry.id, reason: 'does not follow the entry before it' };
  if (entry.hash !== auditHash(entry)) return { id: entry.id, reason: 'was altered' };
  return null;
}

function faultOfEnd(last: Link, head: Link): AuditVerification['broken'] {
  if (last.id < head.id) return missing(last.id + 1);
  if (last.id > head.id) return { id: head.id + 1, reason: 'was not written by Teko' };
  return last.hash === head.hash ? null : { id: last.id, reason: 'is not the one that was written' };
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
