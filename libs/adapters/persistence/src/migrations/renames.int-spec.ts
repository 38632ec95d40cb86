import type { QueryRunner } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { emptyMariadbDatabase, emptySqliteDatabase, mariadbSkipReason, type TestDatabase } from '../database.fixture';
import { tables } from '../entities';
import { MigratedDatabase, RELEASES, renamedBy } from '../migrations.fixture';
import type { TableShape } from '../schema';
import { migrations } from '.';
import { Glossary1764700000000 } from './1764700000000-glossary';
import { applyRenames, reversed, type TableRename } from './renames';
import { SqlMigration, type Statements } from './sql-migration';

const release = RELEASES.at(-1)!;

/** A migration with the renames that are hard on at least one dialect. */
class Words9999999999999 extends SqlMigration {
  readonly name = 'Words9999999999999';
  override readonly renames: readonly TableRename[] = [
    // Other tables reference it; one of its columns is in a unique key, another in two indexes.
    {
      table: 'tasks',
      to: 'tickets',
      columns: { sourceKey: 'externalKey', repositoryId: 'projectId' },
      values: { status: { done: 'open', open: 'finished', in_review: 'reviewing' } },
    },
    // A foreign key whose index the server created, and a unique key of two columns.
    { table: 'api_tokens', columns: { userId: 'ownerId' } },
    { table: 'accounts', to: 'identities', columns: { subject: 'externalId' } },
    { table: 'approvals', columns: { runId: 'attemptId' } },
    // An auto-increment key.
    { table: 'events', to: 'signals', columns: { runId: 'attemptId', type: 'kind' } },
    // Part of a primary key.
    { table: 'stored_items', columns: { key: 'name' } },
  ];
  protected readonly sqlite: Statements = { up: [], down: [] };
  protected readonly mysql: Statements = { up: [], down: [] };
}

const all = [...migrations, Words9999999999999];

function shapes(mysql: boolean): TableShape[] {
  return new Words9999999999999().renames.reduce(renamedShapes, Object.values(tables(mysql)));
}

function renamedShapes(list: TableShape[], { table, to = table, columns = {} }: TableRename): TableShape[] {
  const column = (name: string) => columns[name] ?? name;
  const byColumn = <T>(record: Record<string, T>) =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [column(name), value]));
  return list.map((shape) =>
    shape.name === table
      ? {
          name: to,
          columns: byColumn(shape.columns),
          unique: shape.unique.map((key) => key.map(column)),
          index: shape.index.map((key) => key.map(column)),
          parents: byColumn(shape.parents),
        }
      : {
          ...shape,
          parents: Object.fromEntries(Object.entries(shape.parents).map(([n, p]) => [n, p === table ? to : p])),
        },
  );
}

function renameContract(name: string, openEmpty: () => Promise<TestDatabase>): void {
  describe(`renames on ${name}`, () => {
    const open = () => MigratedDatabase.open(openEmpty, all, shapes);

    it('keep every row, replace stored values and lead to the entities, and can be undone', async () => {
      const database = await open();
      const stored = await database.upWith(release, migrations.length);
      const before = await database.schema();

      await database.upTo();
      const renamed = renamedBy([Words9999999999999], stored);
      await database.expectRows(renamed, 'after the renames');
      expect(await database.drift()).toEqual([]);
      expect(renamed.tickets!.map(({ status }) => status)).toContain('reviewing');
      const text = JSON.stringify(await database.schema());
      for (const old of [
        '"tasks"',
        '`tasks`',
        '_tasks_',
        'fk_api_tokens_userId',
        'uq_accounts',
        'ix_events_',
        'sourceKey',
      ])
        expect(text.includes(old), old).toBe(false);

      await database.downTo(migrations.length);
      await database.expectRows(stored, 'after undoing');
      expect(await database.schema()).toEqual(before);
    });

    it('do not reuse the numbers of an auto-increment key', async () => {
      const database = await open();
      await database.upWith(release, migrations.length);
      const lastId = async (table: string) => {
        const found = await database.query<{ id: number }[]>(`SELECT MAX(id) AS id FROM ${table}`);
        return Number(found[0]!.id);
      };
      const last = await lastId('events');
      await database.query(`DELETE FROM events`);
      await database.upTo();
      await database.query(
        "INSERT INTO signals (kind, subjectId, createdAt) VALUES ('x', 'x', '2026-01-01 00:00:00.000')",
      );
      expect(await lastId('signals')).toBe(last + 1);
    });
  });
}

const skipReason = await mariadbSkipReason();

renameContract('SQLite', emptySqliteDatabase);

describe.skipIf(skipReason)(`MariaDB${skipReason ? ` (${skipReason})` : ''}`, () => {
  renameContract('MariaDB', emptyMariadbDatabase);

  // MySQL commits each statement, so a process that dies leaves a migration half done.
  it.each([1, 4, 9, 14, 19, 24, 29])(
    'completes a migration and its undo that died after %i statements',
    async (count) => {
      const step = migrations.indexOf(Glossary1764700000000);
      const open = () =>
        MigratedDatabase.open(emptyMariadbDatabase, migrations.slice(0, step + 1), (mysql) =>
          Object.values(tables(mysql)),
        );
      const database = await open();
      const stored = await database.upWith(RELEASES[0]!, step);
      const { renames } = new Glossary1764700000000();
      await dyingAfter(count, database, (runner) => applyRenames(runner, renames));
      await database.upTo();
      await database.expectRows(renamedBy([Glossary1764700000000], stored), 'after the upgrade');
      const uninterrupted = await open();
      await uninterrupted.upTo();
      expect(await database.schema()).toEqual(await uninterrupted.schema());

      await dyingAfter(count, database, (runner) => applyRenames(runner, reversed(renames)));
      await database.downTo(step);
      await database.expectRows(stored, 'after the undo');
    },
  );
});

/** Runs `work` until it has made `count` statements that write; the next one throws. */
async function dyingAfter(
  count: number,
  { dataSource }: MigratedDatabase,
  work: (runner: QueryRunner) => Promise<void>,
): Promise<void> {
  const runner = dataSource.createQueryRunner();
  const query = runner.query.bind(runner);
  let writes = 0;
  runner.query = (async (sql: string, values?: unknown[]) => {
    if (/^(ALTER|UPDATE)/.test(sql) && ++writes > count) throw new Error('died');
    return query(sql, values);
  }) as typeof runner.query;
  await expect(work(runner)).rejects.toThrow('died');
  await runner.release();
}

it('undoing renames in a transaction fails on SQLite, because it would delete rows', async () => {
  const database = await MigratedDatabase.open(emptySqliteDatabase, all, shapes);
  await database.upTo();
  await expect(database.dataSource.undoLastMigration()).rejects.toThrow('foreign keys are on');
  expect(await database.tableNames()).toContain('tickets');
});
