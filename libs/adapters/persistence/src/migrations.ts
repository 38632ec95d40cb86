import { Table, TableForeignKey, TableIndex, TableUnique, type MigrationInterface, type QueryRunner } from 'typeorm';
import { tables } from './entities';
import { keyName, type TableShape } from './schema';

function tableOf(shape: TableShape, mysql: boolean): Table {
  return new Table({
    name: shape.name,
    // Whatever the database's default is: any script can be stored, and keys are told apart by case as on SQLite.
    engine: mysql ? 'InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin' : undefined,
    columns: Object.entries(shape.columns).map(([name, column]) => ({
      name,
      type: sqlType(String(column.type), mysql),
      length: column.length === undefined ? undefined : String(column.length),
      precision: column.precision,
      isPrimary: column.primary ?? false,
      isNullable: column.nullable ?? false,
      isGenerated: Boolean(column.generated),
      generationStrategy: column.generated ? 'increment' : undefined,
      default: literal(column.default),
    })),
    uniques: mysql
      ? []
      : shape.unique.map(
          (columnNames) => new TableUnique({ name: keyName('uq', shape.name, columnNames), columnNames }),
        ),
    indices: [
      ...shape.index.map(
        (columnNames) => new TableIndex({ name: keyName('ix', shape.name, columnNames), columnNames }),
      ),
      // MySQL knows a unique key only as an index.
      ...(mysql
        ? shape.unique.map(
            (columnNames) =>
              new TableIndex({ name: keyName('uq', shape.name, columnNames), columnNames, isUnique: true }),
          )
        : []),
    ],
    foreignKeys: Object.entries(shape.parents).map(
      ([column, parent]) =>
        new TableForeignKey({
          name: keyName('fk', shape.name, [column]),
          columnNames: [column],
          referencedTableName: parent,
          referencedColumnNames: ['id'],
          onDelete: 'CASCADE',
          onUpdate: 'NO ACTION',
        }),
    ),
  });
}

function literal(value: unknown): string | undefined {
  if (typeof value === 'boolean') return String(Number(value));
  return typeof value === 'string' ? `'${value}'` : value === undefined ? undefined : String(value);
}

function sqlType(type: string, mysql: boolean): string {
  if (type === 'boolean') return mysql ? 'tinyint' : 'boolean';
  if (type === 'int' && !mysql) return 'integer';
  return type;
}

/** What one migration adds: whole tables, and columns of tables that were there. A key comes with the last of its columns. */
interface Additions {
  tables: string[];
  columns: Record<string, string[]>;
}

const ACCESS: Additions = {
  tables: ['roles', 'repository_grants', 'accounts', 'api_tokens', 'audit_entries', 'audit_head'],
  columns: { users: ['passwordHash'], sessions: ['address'] },
};
const APPROVALS: Additions = {
  tables: ['approvals'],
  columns: { repositories: ['approvalRule', 'approvers'], runs: ['requestedById', 'waitedMs'] },
};

const BUDGETS: Additions = { tables: ['budgets', 'spendings'], columns: {} };
const OUTAGES: Additions = { tables: [], columns: { runs: ['resumeAt', 'pauses'] } };
const CONTINUATIONS: Additions = {
  tables: [],
  columns: {
    repositories: ['planRule', 'weight'],
    tasks: ['blockedBy'],
    runs: ['origin', 'resumeNote'],
    approvals: ['kind', 'text', 'files'],
    model_calls: ['said'],
  },
};
const GITHUB: Additions = {
  tables: ['webhook_events', 'comment_links', 'check_results'],
  columns: {
    repositories: ['forgeId', 'forgeName', 'archived', 'intakeLabel', 'lookedAt', 'lostEvents'],
    tasks: ['issueNumber', 'requestedBy', 'triggerKey', 'planFirst'],
    runs: ['triggerKey'],
    changes: ['pullNumber', 'url'],
    comments: ['authorId', 'trusted', 'deletedAt'],
  },
};
/** What came with Memory1764600000000. */
const MEMORY: Additions = {
  tables: ['code_indexes', 'insights', 'stored_items'],
  columns: { codebase_profiles: ['modules', 'hotSpots'], repositories: ['buildCommand'] },
};
const LATER = [ACCESS, APPROVALS, BUDGETS, OUTAGES, CONTINUATIONS, GITHUB, MEMORY];

/** The first schema. Later changes come as migrations of their own. */
export class FirstSchema1763856000000 implements MigrationInterface {
  name = 'FirstSchema1763856000000';

  async up(runner: QueryRunner): Promise<void> {
    const mysql = isMysql(runner);
    for (const shape of firstTables(mysql)) await runner.createTable(tableBefore(LATER, shape, mysql));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const shape of firstTables(isMysql(runner)).reverse()) await runner.dropTable(shape.name);
  }
}

/** Roles, grants, accounts, tokens and the audit log; passwords. */
export const Access1764000000000 = additionOf('Access1764000000000', ACCESS, async (runner) => {
  await runner.manager.insert('audit_head', { id: 1, lastId: 0, lastHash: '' });
});

/** Approvals, who asks for a run, and how long it waited. */
export const Approvals1764100000000 = additionOf('Approvals1764100000000', APPROVALS);

/** Budgets and what was spent. */
export const Budgets1764200000000 = additionOf('Budgets1764200000000', BUDGETS);

/** Runs that wait until their model answers again. */
export const Outages1764300000000 = additionOf('Outages1764300000000', OUTAGES);

/** Plans to approve, shares of the queue, tasks that wait for others, and runs that come from other runs. */
export const Continuations1764400000000 = additionOf('Continuations1764400000000', CONTINUATIONS);

/** Where things are on a forge, webhooks as they came, what is said on both sides, and results of CI. */
export const Github1764500000000 = additionOf('Github1764500000000', GITHUB);

/** How far each repository's code is indexed, what was learned about it, and what agents keep of a task. */
export const Memory1764600000000 = additionOf('Memory1764600000000', MEMORY);

/** A migration that adds; going back takes the same away. */
function additionOf(name: string, additions: Additions, fill?: (runner: QueryRunner) => Promise<void>) {
  return class implements MigrationInterface {
    name = name;

    async up(runner: QueryRunner): Promise<void> {
      await add(runner, additions);
      await fill?.(runner);
    }

    async down(runner: QueryRunner): Promise<void> {
      await takeAway(runner, additions);
    }
  };
}

function isMysql(runner: QueryRunner): boolean {
  return runner.connection.options.type !== 'better-sqlite3';
}

function firstTables(mysql: boolean): TableShape[] {
  const later = LATER.flatMap((additions) => additions.tables);
  return Object.values(tables(mysql)).filter(({ name }) => !later.includes(name));
}

async function add(runner: QueryRunner, additions: Additions): Promise<void> {
  const mysql = isMysql(runner);
  for (const shape of Object.values(tables(mysql))) {
    const table = tableBefore(LATER.slice(LATER.indexOf(additions) + 1), shape, mysql);
    if (additions.tables.includes(shape.name)) await runner.createTable(table);
    const added = additions.columns[shape.name];
    if (!added) continue;
    // All at once: SQLite writes the whole table anew each time.
    await runner.addColumns(
      shape.name,
      table.columns.filter(({ name }) => added.includes(name)),
    );
    const { uniques, indices } = keysOn(table, added);
    if (uniques.length > 0) await runner.createUniqueConstraints(shape.name, uniques);
    if (indices.length > 0) await runner.createIndices(shape.name, indices);
  }
}

/** The table as it was before these added their columns and, with them, keys. */
function tableBefore(later: Additions[], shape: TableShape, mysql: boolean): Table {
  const columns = later.flatMap((additions) => additions.columns[shape.name] ?? []);
  const table = tableOf(shape, mysql);
  const { uniques, indices } = keysOn(table, columns);
  table.columns = table.columns.filter(({ name }) => !columns.includes(name));
  table.uniques = table.uniques.filter((key) => !uniques.includes(key));
  table.indices = table.indices.filter((key) => !indices.includes(key));
  return table;
}

/** The keys that need one of these columns. */
function keysOn({ uniques, indices }: Table, columns: string[]) {
  const needsOne = ({ columnNames }: { columnNames: string[] }) => columnNames.some((name) => columns.includes(name));
  return { uniques: uniques.filter(needsOne), indices: indices.filter(needsOne) };
}

async function takeAway(runner: QueryRunner, { tables: names, columns }: Additions): Promise<void> {
  const mysql = isMysql(runner);
  for (const name of [...names].reverse()) await runner.dropTable(name);
  for (const shape of Object.values(tables(mysql))) {
    const added = columns[shape.name];
    if (!added) continue;
    const { uniques, indices } = keysOn(tableOf(shape, mysql), added);
    if (indices.length > 0) await runner.dropIndices(shape.name, indices);
    if (uniques.length > 0) await runner.dropUniqueConstraints(shape.name, uniques);
    await runner.dropColumns(shape.name, added);
  }
}
