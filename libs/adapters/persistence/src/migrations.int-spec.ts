import { describe, expect, it } from 'vitest';
import { emptyMariadbDatabase, emptySqliteDatabase, mariadbSkipReason, type TestDatabase } from './database.fixture';
import { tables } from './entities';
import { migrations } from './migrations';
import { MigratedDatabase, RELEASES, renamedBy } from './migrations.fixture';

const STEPS = RELEASES.flatMap(({ version, steps, rows }) =>
  Array.from({ length: steps }, (_, n) => ({ version, steps, rows, step: n + 1 })),
);

function migrationContract(name: string, openEmpty: () => Promise<TestDatabase>): void {
  describe(`migrations on ${name}`, () => {
    const open = () => MigratedDatabase.open(openEmpty, migrations, (mysql) => Object.values(tables(mysql)));

    it('lead to the schema of the entities', async () => {
      const database = await open();
      await database.upTo();
      expect(await database.drift()).toEqual([]);
    });

    it.each(STEPS)(
      'keep every row of $version from step $step to the newest and back',
      async ({ rows, steps, step }) => {
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
        await database.expectRows(stored, 'after undoing to the step');
        expect(await database.schema()).toEqual(before);
      },
    );

    it.each(RELEASES)('leave no table of a full $version database when all are undone', async (release) => {
      const database = await open();
      await database.upWith(release);
      await database.downTo(0);
      expect(await database.tableNames()).toEqual(['migrations']);
    });

    it.each(RELEASES)('keep the foreign keys between the rows of $version', async (release) => {
      const database = await open();
      await database.upWith(release);
      const currentName = (table: string) =>
        Object.keys(renamedBy(migrations.slice(release.steps), { [table]: [] }))[0]!;
      const count = async (table: string) =>
        (await database.query<unknown[]>(`SELECT * FROM ${currentName(table)}`)).length;
      const children = ['tasks', 'runs', 'changes', 'comments', 'comment_links', 'insights'];
      for (const table of children) expect(await count(table), table).toBeGreaterThan(0);
      await database.query(`DELETE FROM ${currentName('repositories')}`);
      for (const table of children) expect(await count(table), table).toBe(0);
    });
  });

  it(`${name}: each release sets every column of each table in at least one row`, () => {
    for (const { version, rows } of RELEASES)
      for (const [table, list] of Object.entries(rows))
        for (const column of Object.keys(list[0] ?? {}))
          expect(
            list.some((row) => row[column] !== null),
            `${version}: ${table}.${column}`,
          ).toBe(true);
  });
}

const skipReason = await mariadbSkipReason();

migrationContract('SQLite', emptySqliteDatabase);

describe.skipIf(skipReason)(`MariaDB${skipReason ? ` (${skipReason})` : ''}`, () => {
  migrationContract('MariaDB', emptyMariadbDatabase);
});
