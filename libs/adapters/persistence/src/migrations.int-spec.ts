import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { emptyMariadbDatabase, emptySqliteDatabase, mariadbMissing, type TestDatabase } from './database.fixture';
import { tables } from './entities';
import { migrations } from './migrations';
import { MigratedDatabase, renamedBy, type Rows } from './migrations.fixture';

/** Rows as a release stored them, every column of every table set in one of them, and how many migrations it had. */
const RELEASES = [{ version: '0.1.0', steps: 8, rows: rowsOf('0.1.0') }];
const STEPS = RELEASES.flatMap(({ version, steps, rows }) =>
  Array.from({ length: steps }, (_, n) => ({ version, steps, rows, step: n + 1 })),
);

function rowsOf(version: string): Rows {
  const file = new URL(`migrations/release-${version}.fixture.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Rows;
}

function migrationContract(name: string, openEmpty: () => Promise<TestDatabase>): void {
  describe(`migrations on ${name}`, () => {
    const open = () => MigratedDatabase.open(openEmpty, migrations, (mysql) => Object.values(tables(mysql)));

    it('lead to the tables that the entities describe', async () => {
      const database = await open();
      await database.upTo();
      expect(await database.drift()).toEqual([]);
    });

    it.each(STEPS)('keep every row of $version on the way from step $step and back', async ({ rows, steps, step }) => {
      const database = await open();
      await database.upTo(step);
      const before = await database.schema();
      const stored = await database.fill(rows);

      await database.upTo();
      await database.expectRows(renamedBy(migrations.slice(Math.max(step, steps)), stored), 'after the upgrade');
      await database.readAll();
      const fresh = await open();
      await fresh.upTo();
      expect(await database.schema()).toEqual(await fresh.schema());

      await database.downTo(step);
      await database.expectRows(stored, 'back at the step');
      expect(await database.schema()).toEqual(before);
    });

    it.each(RELEASES)('of a full database of $version leave nothing when all are undone', async ({ rows, steps }) => {
      const database = await open();
      await database.upTo(steps);
      await database.fill(rows);
      await database.upTo();
      await database.downTo(0);
      expect(await database.tableNames()).toEqual(['migrations']);
    });

    it.each(RELEASES)('leave the rows of $version hanging together', async ({ rows, steps }) => {
      const database = await open();
      await database.upTo(steps);
      await database.fill(rows);
      await database.upTo();
      const count = async (table: string) => (await database.query<unknown[]>(`SELECT * FROM ${table}`)).length;
      expect(await count('tasks')).toBeGreaterThan(0);
      await database.query('DELETE FROM repositories');
      for (const table of ['tasks', 'runs', 'changes', 'comments', 'comment_links', 'insights'])
        expect(await count(table), table).toBe(0);
    });
  });

  it(`${name} has every column of each table set in a row of each release`, () => {
    for (const { version, rows } of RELEASES)
      for (const [table, list] of Object.entries(rows))
        for (const column of Object.keys(list[0] ?? {}))
          expect(
            list.some((row) => row[column] !== null),
            `${version}: ${table}.${column}`,
          ).toBe(true);
  });
}

const missing = await mariadbMissing();

migrationContract('SQLite', emptySqliteDatabase);

describe.skipIf(missing)(`MariaDB${missing ? ` (${missing})` : ''}`, () => {
  migrationContract('MariaDB', emptyMariadbDatabase);
});
