import { readFileSync } from 'node:fs';
import { DataSource } from 'typeorm';
import { expect, onTestFinished } from 'vitest';
import type { TestDatabase } from './database.fixture';
import type { TableRename } from './migrations/renames';
import type { SqlMigration } from './migrations/sql-migration';
import { entityOf, type TableShape } from './schema';

export type Value = string | number | null;
export type Row = Record<string, Value>;
/** Rows by table, with the table and column names at one step of the migrations. */
export type Rows = Record<string, Row[]>;
export type MigrationClass = new () => SqlMigration;

export interface Release {
  version: string;
  /** Number of migrations in the release. */
  steps: number;
  /** Rows as the release stored them. Every column of every table is set in at least one row. */
  rows: Rows;
}

export const RELEASES: Release[] = [{ version: '0.1.0', steps: 8, rows: rowsOf('0.1.0') }];

function rowsOf(version: string): Rows {
  const file = new URL(`migrations/release-${version}.fixture.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Rows;
}

/** A database that can be migrated to any step of `migrations`. */
export class MigratedDatabase {
  private constructor(
    readonly dataSource: DataSource,
    private readonly migrations: MigrationClass[],
  ) {}

  /** Creates an empty database with the given migrations and tables. It is dropped when the test ends. */
  static async open(
    open: () => Promise<TestDatabase>,
    migrations: MigrationClass[],
    shapes: (mysql: boolean) => TableShape[],
  ): Promise<MigratedDatabase> {
    const test = await open();
    onTestFinished(() => test.remove());
    const { options } = test.database.dataSource;
    const entities = shapes(options.type !== 'better-sqlite3').map(entityOf);
    const dataSource = new DataSource({ ...options, entities, migrations });
    await dataSource.initialize();
    onTestFinished(() => dataSource.destroy());
    return new MigratedDatabase(dataSource, migrations);
  }

  get isMysql(): boolean {
    return this.dataSource.options.type !== 'better-sqlite3';
  }

  /** Runs migrations until `step` of them are applied; all by default. */
  async upTo(step = this.migrations.length): Promise<void> {
    const pending: unknown[] = this.dataSource.migrations;
    const all = [...pending];
    pending.splice(step);
    await this.dataSource.runMigrations({ transaction: 'each' });
    pending.splice(0, pending.length, ...all);
  }

  async downTo(step: number): Promise<void> {
    const [{ done }] = await this.query<[{ done: number | string }]>('SELECT COUNT(*) AS done FROM migrations');
    // In a transaction SQLite cannot turn off foreign keys, so rebuilding a table would delete the rows of its children.
    for (let n = Number(done); n > step; n--) await this.dataSource.undoLastMigration({ transaction: 'none' });
  }

  query<T>(sql: string, values: Value[] = []): Promise<T> {
    return this.dataSource.query(sql, values);
  }

  /** Describes every table as the database does, with columns and keys sorted. */
  async schema(): Promise<Record<string, string[]>> {
    return this.isMysql ? this.mysqlSchema() : this.sqliteSchema();
  }

  private async mysqlSchema(): Promise<Record<string, string[]>> {
    const schema: Record<string, string[]> = {};
    for (const name of await this.tableNames()) {
      const [{ 'Create Table': sql }] = await this.query<[{ 'Create Table': string }]>(`SHOW CREATE TABLE \`${name}\``);
      schema[name] = sql
        .replace(/ AUTO_INCREMENT=\d+/, '')
        .split('\n')
        .map((line) => line.trim().replace(/,$/, ''))
        .sort();
    }
    return schema;
  }

  private async sqliteSchema(): Promise<Record<string, string[]>> {
    const schema: Record<string, string[]> = {};
    const entries = await this.query<{ tbl_name: string; sql: string }[]>(
      "SELECT tbl_name, sql FROM sqlite_master WHERE sql NOT NULL AND tbl_name NOT LIKE 'sqlite_%'",
    );
    for (const { tbl_name, sql } of entries)
      (schema[tbl_name] ??= []).push(...(sql.startsWith('CREATE TABLE') ? definitionsIn(sql) : [sql]));
    for (const lines of Object.values(schema)) lines.sort();
    return schema;
  }

  /** Excludes SQLite's internal tables. */
  async tableNames(): Promise<string[]> {
    const rows = await this.query<Record<string, string>[]>(
      this.isMysql ? 'SHOW TABLES' : "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    );
    return rows.map((row) => Object.values(row)[0]!).sort();
  }

  /** The statements that would bring the schema in line with the entities. */
  async drift(): Promise<string[]> {
    const { upQueries } = await this.dataSource.driver.createSchemaBuilder().log();
    return upQueries.map(({ query }) => query);
  }

  /** Migrates to a release, stores its rows and migrates to `step`. Returns the rows with their names at that step. */
  async upWith({ steps, rows }: Release, step = this.migrations.length): Promise<Rows> {
    await this.upTo(steps);
    const stored = await this.fill(rows);
    await this.upTo(step);
    return renamedBy(this.migrations.slice(steps, step), stored);
  }

  /** Stores the part of the rows that fits the current tables and columns, and returns it. */
  async fill(rows: Rows): Promise<Rows> {
    const stored: Rows = {};
    const names = await this.tableNames();
    for (const [table, list] of Object.entries(rows).filter(([name]) => names.includes(name))) {
      const columns = await this.columnNames(table);
      stored[table] = list.map((row) =>
        Object.fromEntries(Object.entries(row).filter(([key]) => columns.includes(key))),
      );
      // A migration may have inserted rows.
      await this.query(`DELETE FROM ${this.quoted(table)}`);
      for (const row of stored[table]) await this.insert(table, row);
    }
    return stored;
  }

  private async insert(table: string, row: Row): Promise<void> {
    const columns = Object.keys(row).map((key) => this.quoted(key));
    const places = columns.map(() => '?').join(', ');
    const sql = `INSERT INTO ${this.quoted(table)} (${columns.join(', ')}) VALUES (${places})`;
    await this.query(sql, Object.values(row));
  }

  /** Reads the tables and columns that `rows` has. */
  async read(rows: Rows): Promise<Rows> {
    const found: Rows = {};
    for (const [table, [first]] of Object.entries(rows)) {
      if (!first) continue;
      const columns = Object.keys(first).map((key) => this.quoted(key));
      found[table] = await this.query<Row[]>(`SELECT ${columns.join(', ')} FROM ${this.quoted(table)}`);
    }
    return found;
  }

  /** Expects exactly these rows. */
  async expectRows(rows: Rows, step: string): Promise<void> {
    const found = comparable(await this.read(rows));
    for (const [table, list] of Object.entries(comparable(rows)))
      expect(found[table], `${table} ${step}`).toEqual(list);
    if (!this.isMysql) expect(await this.query('PRAGMA foreign_key_check'), step).toEqual([]);
  }

  /** Reads every table through its entity, as the repositories do. */
  async readAll(): Promise<void> {
    for (const { name } of this.dataSource.entityMetadatas) await this.dataSource.getRepository(name).find();
  }

  private async columnNames(table: string): Promise<string[]> {
    const sql = this.isMysql ? `SHOW COLUMNS FROM ${this.quoted(table)}` : `PRAGMA table_info(${this.quoted(table)})`;
    const rows = await this.query<{ name?: string; Field?: string }[]>(sql);
    return rows.map(({ name, Field }) => name ?? Field ?? '');
  }

  private quoted(name: string): string {
    return this.dataSource.driver.escape(name);
  }
}

/** Splits a CREATE TABLE statement into its columns and keys. */
function definitionsIn(sql: string): string[] {
  return sql.slice(sql.indexOf('(') + 1, -1).split(/, (?![^(]*\))/);
}

/** Applies the renames of these migrations to rows. */
export function renamedBy(migrations: MigrationClass[], rows: Rows): Rows {
  return migrations.flatMap((Migration) => [...new Migration().renames]).reduce(renamedRows, rows);
}

function renamedRows(rows: Rows, { table, to = table, columns = {}, values = {}, texts = {} }: TableRename): Rows {
  const renamedValue = (key: string, value: Value) => {
    const word = values[key]?.[String(value)] ?? value;
    if (typeof word !== 'string') return word;
    return Object.entries(texts[key] ?? {}).reduce((text, [from, part]) => text.replaceAll(from, part), word);
  };
  const renamedRow = (row: Row) =>
    Object.fromEntries(Object.entries(row).map(([key, value]) => [columns[key] ?? key, renamedValue(key, value)]));
  return Object.fromEntries(
    Object.entries(rows).map(([name, list]) => (name === table ? [to, list.map(renamedRow)] : [name, list])),
  );
}

/** Rows as sorted text, because drivers return different types. */
function comparable(rows: Rows): Record<string, string[]> {
  const text = (value: unknown) =>
    value instanceof Date ? value.toISOString().replace('T', ' ').slice(0, -1) : value === null ? null : String(value);
  const line = (row: Row) => JSON.stringify(Object.entries(row).map(([key, value]) => [key, text(value)]));
  return Object.fromEntries(
    Object.entries(rows)
      .filter(([, list]) => list.length > 0)
      .map(([table, list]) => [table, list.map(line).sort()]),
  );
}
