import type { QueryRunner, Table } from 'typeorm';
import { isMysql } from './dialect';

/* How tables, columns, their keys and stored words get other names without losing a row. */

/** What a migration calls by another name, in one table. */
export interface TableRename {
  /** The name before. */
  table: string;
  to?: string;
  /** Names before, and after. */
  columns?: Record<string, string>;
  /** Words stored in a column (by its name before), and what they are afterwards. */
  values?: Record<string, Record<string, string>>;
  /** Parts of the texts in a column (by its name before), such as keys of JSON. The new part must not occur in the old texts. */
  texts?: Record<string, Record<string, string>>;
}

type KeyKind = 'uq' | 'ix' | 'fk';

/** How keys have been named since the first schema. */
const keyName = (kind: KeyKind, table: string, columns: string[]) => `${kind}_${table}_${columns.join('_')}`;

/** Renames, and with them the keys that are named after their table and columns. */
export async function applyRenames(runner: QueryRunner, renames: readonly TableRename[]): Promise<void> {
  for (const { table, to = table, columns = {}, values = {}, texts = {} } of renames) {
    const keys = await keyRenames(runner, table, to, columns);
    for (const [column, words] of Object.entries(values)) await changeValues(runner, table, column, words);
    for (const [column, parts] of Object.entries(texts)) await changeTexts(runner, table, column, parts);
    if (to !== table) await renameTable(runner, table, to);
    for (const [from, name] of Object.entries(columns)) await renameColumn(runner, to, from, name);
    await renameKeys(runner, to, keys);
  }
}

/** The same renames back, the last first. */
export function reversed(renames: readonly TableRename[]): TableRename[] {
  return [...renames].reverse().map(({ table, to = table, columns = {}, values = {}, texts = {} }) => {
    const back = (byColumn: Record<string, Record<string, string>>) =>
      Object.fromEntries(
        Object.entries(byColumn).map(([column, words]) => [columns[column] ?? column, swapped(words)]),
      );
    return { table: to, to: table, columns: swapped(columns), values: back(values), texts: back(texts) };
  });
}

/** Foreign keys of other tables follow on both dialects. */
export async function renameTable(runner: QueryRunner, from: string, to: string): Promise<void> {
  const quoted = quoter(runner);
  await runner.query(`ALTER TABLE ${quoted(from)} RENAME TO ${quoted(to)}`);
}

/** Keys on the column and foreign keys to it follow on both dialects; their names stay. */
export async function renameColumn(runner: QueryRunner, table: string, from: string, to: string): Promise<void> {
  const quoted = quoter(runner);
  await runner.query(`ALTER TABLE ${quoted(table)} RENAME COLUMN ${quoted(from)} TO ${quoted(to)}`);
}

/** Gives unique keys, indexes and foreign keys other names. */
export async function renameKeys(runner: QueryRunner, table: string, names: Record<string, string>): Promise<void> {
  const changed = Object.entries(names).filter(([from, to]) => from !== to);
  if (changed.length === 0) return;
  if (isMysql(runner)) await renameMysqlKeys(runner, table, changed);
  else await renameSqliteKeys(runner, table, changed);
}

/** All at once, so that two words can change places. */
export async function changeValues(
  runner: QueryRunner,
  table: string,
  column: string,
  words: Record<string, string>,
): Promise<void> {
  const quoted = quoter(runner);
  const name = quoted(column);
  const pairs = Object.entries(words);
  const cases = pairs.map(() => 'WHEN ? THEN ?').join(' ');
  const places = pairs.map(() => '?').join(', ');
  await runner.query(`UPDATE ${quoted(table)} SET ${name} = CASE ${name} ${cases} END WHERE ${name} IN (${places})`, [
    ...pairs.flat(),
    ...Object.keys(words),
  ]);
}

/** Replaces every occurrence of these parts. */
export async function changeTexts(
  runner: QueryRunner,
  table: string,
  column: string,
  parts: Record<string, string>,
): Promise<void> {
  const quoted = quoter(runner);
  const name = quoted(column);
  for (const [from, to] of Object.entries(parts))
    await runner.query(`UPDATE ${quoted(table)} SET ${name} = REPLACE(${name}, ?, ?) WHERE ${name} LIKE ?`, [
      from,
      to,
      `%${from}%`,
    ]);
}

async function keyRenames(runner: QueryRunner, table: string, to: string, columns: Record<string, string>) {
  const names: Record<string, string> = {};
  const found = await tableCalled(runner, table);
  const add = (kind: KeyKind, list: string[]) => {
    const after = list.map((column) => columns[column] ?? column);
    names[keyName(kind, table, list)] = keyName(kind, to, after);
  };
  for (const { columnNames } of found.uniques) add('uq', columnNames);
  for (const { columnNames, isUnique } of found.indices) add(isUnique ? 'uq' : 'ix', columnNames);
  for (const { columnNames } of found.foreignKeys) add('fk', columnNames);
  return names;
}

async function renameMysqlKeys(runner: QueryRunner, table: string, names: [string, string][]): Promise<void> {
  const quoted = quoter(runner);
  const { foreignKeys } = await tableCalled(runner, table);
  for (const [from, to] of names) {
    const key = foreignKeys.find(({ name }) => name === from);
    if (key) {
      const list = (columns: string[]) => columns.map(quoted).join(', ');
      await runner.query(
        `ALTER TABLE ${quoted(table)} DROP FOREIGN KEY ${quoted(from)}, ` +
          `ADD CONSTRAINT ${quoted(to)} FOREIGN KEY (${list(key.columnNames)}) ` +
          `REFERENCES ${quoted(key.referencedTableName)} (${list(key.referencedColumnNames)}) ` +
          `ON DELETE ${key.onDelete ?? 'NO ACTION'} ON UPDATE ${key.onUpdate ?? 'NO ACTION'}`,
      );
    }
    // The server makes an index of a foreign key's name where none begins with its column.
    if (!key || (await hasMysqlIndex(runner, table, from)))
      await runner.query(`ALTER TABLE ${quoted(table)} RENAME INDEX ${quoted(from)} TO ${quoted(to)}`);
  }
}

async function hasMysqlIndex(runner: QueryRunner, table: string, name: string): Promise<boolean> {
  const rows = (await runner.query(
    'SELECT 1 FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND INDEX_NAME = ?',
    [table, name],
  )) as unknown[];
  return rows.length > 0;
}

/** SQLite can rename no key: the table is written anew from its own text with the other names in it. */
async function renameSqliteKeys(runner: QueryRunner, table: string, names: [string, string][]): Promise<void> {
  const entries = (await runner.query('SELECT type, name, sql FROM sqlite_master WHERE tbl_name = ? AND sql NOT NULL', [
    table,
  ])) as { type: string; name: string; sql: string }[];
  const indexes = entries.filter(({ type }) => type === 'index');
  const before = entries.find(({ type }) => type === 'table')!.sql;
  const others = new Map(names);
  const renamed = (sql: string) => sql.replace(/"([^"]+)"/g, (_, key: string) => `"${others.get(key) ?? key}"`);
  const after = renamed(before);
  const anew = after !== before;
  const changed = anew ? indexes : indexes.filter(({ sql }) => renamed(sql) !== sql);
  for (const { name } of changed) await runner.query(`DROP INDEX "${name}"`);
  if (anew) await writeAnew(runner, table, after);
  for (const { sql } of changed) await runner.query(renamed(sql));
}

async function writeAnew(runner: QueryRunner, table: string, sql: string): Promise<void> {
  const [{ foreign_keys: cascades }] = (await runner.query('PRAGMA foreign_keys')) as [{ foreign_keys: number }];
  if (cascades) throw new Error(`${table} cannot be written anew while foreign keys are on: its children would go`);
  const temporary = `temporary_${table}`;
  await runner.query(sql.replace(`"${table}"`, `"${temporary}"`));
  await runner.query(`INSERT INTO "${temporary}" SELECT * FROM "${table}"`);
  if (sql.includes('AUTOINCREMENT')) {
    // Or numbers of rows that are gone would be given again.
    await runner.query('DELETE FROM sqlite_sequence WHERE name = ?', [temporary]);
    await runner.query('UPDATE sqlite_sequence SET name = ? WHERE name = ?', [temporary, table]);
  }
  await runner.query(`DROP TABLE "${table}"`);
  await runner.query(`ALTER TABLE "${temporary}" RENAME TO "${table}"`);
}

async function tableCalled(runner: QueryRunner, name: string): Promise<Table> {
  const table = await runner.getTable(name);
  if (!table) throw new Error(`there is no table ${name}`);
  return table;
}

function quoter(runner: QueryRunner): (name: string) => string {
  return (name) => runner.connection.driver.escape(name);
}

function swapped(names: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(names).map(([from, to]) => [to, from]));
}
