import { createHash } from 'node:crypto';
import type { AuditLogEntry, AuditLogEntryRepository } from '@teko/domain';
import { describe, expect, it } from 'vitest';
import { AuditLog } from './audit-log';

/** An audit log whose rows a test can tamper with. */
class Rows implements AuditLogEntryRepository {
  rows: AuditLogEntry[] = [];
  last = { lastId: 0, lastHash: '' };

  append: AuditLogEntryRepository['append'] = async (entry, hash) => {
    const next = { ...entry, id: this.last.lastId + 1, previousHash: this.last.lastHash };
    const stored = { ...next, hash: hash(next) };
    this.rows.push(stored);
    this.last = { lastId: stored.id, lastHash: stored.hash };
    return stored;
  };
  head = async () => this.last;
  findAfter = async (id: number, limit: number) => this.rows.filter((row) => row.id > id).slice(0, limit);
  findById = async (id: number) => this.rows.find((row) => row.id === id) ?? null;
  list = async () => ({ data: this.rows, total: this.rows.length });
}

async function logOf(count: number) {
  const rows = new Rows();
  const log = new AuditLog(rows, { now: () => new Date(1_700_000_000_000) });
  for (let n = 1; n <= count; n++) {
    await log.record({ actorName: `actor ${n}`, action: 'tasks.update', subjectType: 'Task', after: { b: n, a: [n] } });
  }
  return { rows, log };
}

describe('AuditLog', () => {
  it('accepts an unaltered log, empty or longer than a batch', async () => {
    for (const count of [0, 1, 1200]) {
      expect(await (await logOf(count)).log.verify()).toEqual({ entries: count, broken: null });
    }
  });

  it('ignores the order in which a database returns the keys of an object', async () => {
    const { rows, log } = await logOf(2);
    rows.rows[0]!.after = { a: [1], b: 1 };
    expect((await log.verify()).broken).toBeNull();
  });

  describe('with dates inside before and after', () => {
    const at = '2026-01-02T03:04:05.678Z';
    const dates = { before: { at: new Date(at) }, after: { list: [{ at: new Date(at), n: 1 }], none: undefined } };

    async function logWithDates(action = 'tasks.update', hash?: string) {
      const { rows, log } = await logOf(0);
      await log.record({ actorName: 'Ada', action, subjectType: 'Task', ...dates });
      const stored = JSON.parse(JSON.stringify(dates)) as Pick<AuditLogEntry, 'before' | 'after'>;
      Object.assign(rows.rows[0]!, stored, hash && { hash });
      if (hash) rows.last.lastHash = hash;
      return { row: rows.rows[0]!, log };
    }

    /** The hash that release 0.1.0 stored: each date is an empty object. */
    function legacyHash(action: string): string {
      const text = `[1,"2023-11-14T22:13:20.000Z",null,"Ada",null,null,"${action}","Task",null,null,{"at":{}},{"list":[{"at":{},"n":1}]},""]`;
      return createHash('sha256').update(text).digest('hex');
    }

    it('hashes them as they are stored', async () => {
      const { row, log } = await logWithDates();
      expect(await log.verify()).toEqual({ entries: 1, broken: null });
      row.before = { at: '2026-01-02T03:04:05.679Z' };
      expect((await log.verify()).broken).toMatchObject({ id: 1, reason: 'was altered' });
    });

    it('accepts the hash of release 0.1.0 for the action whose entries contained dates', async () => {
      const { row, log } = await logWithDates('effects.pull', legacyHash('effects.pull'));
      expect(await log.verify()).toEqual({ entries: 1, broken: null });
      row.after = { list: [{ at, n: 2 }] };
      expect((await log.verify()).broken).toMatchObject({ id: 1, reason: 'was altered' });
    });

    it('rejects the hash of release 0.1.0 for every other action', async () => {
      const { log } = await logWithDates('tasks.update', legacyHash('tasks.update'));
      expect((await log.verify()).broken).toMatchObject({ id: 1, reason: 'was altered' });
    });
  });

  it.each<[string, (rows: Rows) => void, number, RegExp]>([
    ['an altered field', ({ rows }) => (rows[4]!.actorName = 'somebody else'), 5, /altered/],
    ['an altered value', ({ rows }) => (rows[4]!.after = { b: 6, a: [5] }), 5, /altered/],
    ['a deleted entry', ({ rows }) => rows.splice(4, 1), 5, /missing/],
    ['a deleted first entry', ({ rows }) => rows.splice(0, 1), 1, /missing/],
    ['deleted last entries', ({ rows }) => rows.splice(8, 2), 9, /missing/],
    [
      'swapped entries',
      ({ rows }) =>
        ([rows[4], rows[5]] = [
          { ...rows[5]!, id: 5 },
          { ...rows[4]!, id: 6 },
        ]),
      5,
      /does not follow/,
    ],
    [
      'an altered last entry with a new hash',
      ({ rows }) => (rows[9] = { ...rows[9]!, hash: 'f'.repeat(64) }),
      10,
      /altered/,
    ],
    ['an inserted entry', ({ rows }) => rows.push({ ...rows[9]!, id: 11 }), 11, /does not follow/],
  ])('detects %s', async (_case, tamper, id, reason) => {
    const { rows, log } = await logOf(10);
    tamper(rows);
    expect((await log.verify()).broken).toEqual({ id, reason: expect.stringMatching(reason) as string });
  });
});
