import { describe, expect, it } from 'vitest';
import { emptyMariadbDatabase, emptySqliteDatabase, mariadbMissing, type TestDatabase } from './database.fixture';
import { tables } from './entities';
import { migrations } from './migrations';
import { MigratedDatabase, RELEASES, renamedBy } from './migrations.fixture';

const STEPS = RELEASES.flatMap(({ version, steps, rows }) =>
  Array.from({ length: steps }, (_, n) => ({ version, steps, rows, step: n + 1 })),
);

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

    it.each(RELEASES)('of a full database of $version leave nothing when all are undone', async (release) => {
      const database = await open();
      await database.upWith(release);
      await database.downTo(0);
      expect(await database.tableNames()).toEqual(['migrations']);
    });

    it.each(RELEASES)('leave the rows of $version hanging together', async (release) => {
      const database = await open();
      await database.upWith(release);
      const nameNow = (table: string) => Object.keys(renamedBy(migrations.slice(release.steps), { [table]: [] }))[0]!;
      const count = async (table: string) =>
        (await database.query<unknown[]>(`SELECT * FROM ${nameNow(table)}`)).length;
      const children = ['tasks', 'runs', 'changes', 'comments', 'comment_links', 'insights'];
      for (const table of children) expect(await count(table), table).toBeGreaterThan(0);
      await database.query(`DELETE FROM ${nameNow('repositories')}`);
      for (const table of children) expect(await count(table), table).toBe(0);
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
