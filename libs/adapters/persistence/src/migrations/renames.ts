import type { QueryRunner, Table } from 'typeorm';
import { isMysql } from './dialect';

/* Renames tables, columns, their keys and stored values without losing a row. */

/** The renames of a migration in one table. */
export interface TableRename {
  /** Old name. */
  table: string;
  to?: string;
  /** New column names by old name. */
  columns?: Record<string, string>;
  /** New values by old value, for each column (by its old name). */
  values?: Record<string, Record<string, string>>;
  /** New substrings by old substring, such as JSON keys, for each column (by its old name). The old texts must not contain the new substring. */
  texts?: Record<string, Record<string, string>>;
}

type KeyKind = 'uq' | 'ix' | 'fk';

/** The naming scheme of keys since the first schema. */
const keyName = (kind: KeyKind, table: string, columns: string[]) => `${kind}_${table}_${columns.join('_')}`;

/**
 * Applies the renames, and renames the keys that are named after their table and columns. Skips what already has its new name:
 * MySQL commits each statement, so a process that dies leaves a part, which the next start completes.
 */
export async function applyRenames(runner: QueryRunner, renames: readonly TableRename[]): Promise<void> {
  for (const { table, to = table, columns = {}, values = {}, texts = {} } of renames) {
    if (to !== table && (await runner.hasTable(table))) await renameTable(runner, table, to);
    for (const [from, name] of Object.entries(columns))
      if (await runner.hasColumn(to, from)) await renameColumn(runner, to, from, name);
    const column = (old: string) => columns[old] ?? old;
    for (const [old, words] of Object.entries(values)) await changeValues(runner, to, column(old), words);
    for (const [old, parts] of Object.entries(texts)) await changeTexts(runner, to, column(old), parts);
    await renameKeys(runner, to, await keyRenames(runner, table, to, columns));
  }
}

/** Returns the renames that undo these, in reverse order. */
export function reversed(renames: readonly TableRename[]): TableRename[] {
  return [...renames].reverse().map(({ table, to = table, columns = {}, values = {}, texts = {} }) => {
    const back = (byColumn: Record<string, Record<string, string>>) =>
      Object.fromEntries(
        Object.entries(byColumn).map(([column, words]) => [columns[column] ?? column, swapped(words)]),
      );
    return { table: to, to: table, columns: swapped(columns), values: back(values), texts: back(texts) };
  });
}

/** Renames a table. Foreign keys that reference it follow on both dialects. */
export async function renameTable(runner: QueryRunner, from: string, to: string): Promise<void> {
  const quoted = quoter(runner);
  await runner.query(`ALTER TABLE ${quoted(from)} RENAME TO ${quoted(to)}`);
}

/** Renames a column. Keys that contain or reference it follow on both dialects but keep their names. */
export async function renameColumn(runner: QueryRunner, table: string, from: string, to: string): Promise<void> {
  const quoted = quoter(runner);
  await runner.query(`ALTER TABLE ${quoted(table)} RENAME COLUMN ${quoted(from)} TO ${quoted(to)}`);
}

/** Renames unique keys, indexes and foreign keys; `names` maps old to new. */
export async function renameKeys(runner: QueryRunner, table: string, names: Record<string, string>): Promise<void> {
  const changed = Object.entries(names).filter(([from, to]) => from !== to);
  if (changed.length === 0) return;
  if (isMysql(runner)) await renameMysqlKeys(runner, table, changed);
  else await renameSqliteKeys(runner, table, changed);
}

/** Replaces stored values in one statement, so that two values can be swapped. */
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

/** Replaces every occurrence of these substrings. */
export async function changeTexts(
  runner: QueryRunner,
  table: string,
  column: string,
  parts: Record<string, string>,
): Promise<void> {
  const quoted = quoter(runner);
  const name = quoted(column);
  for (const [from, to] of Object.entries(parts)) {
    // A text that already has the new substring may contain the old one as a part of it.
    const isPart = to.includes(from);
    await runner.query(
      `UPDATE ${quoted(table)} SET ${name} = REPLACE(${name}, ?, ?) WHERE ${name} LIKE ?${isPart ? ` AND ${name} NOT LIKE ?` : ''}`,
      [from, to, `%${from}%`, ...(isPart ? [`%${to}%`] : [])],
    );
  }
}

/** Returns the new name of each key by its old one. The table and its columns already have their new names. */
async function keyRenames(runner: QueryRunner, table: string, to: string, columns: Record<string, string>) {
  const names: Record<string, string> = {};
  const existing = await requireTable(runner, to);
  const before = swapped(columns);
  const add = (kind: KeyKind, list: string[]) => {
    const old = list.map((column) => before[column] ?? column);
    names[keyName(kind, table, old)] = keyName(kind, to, list);
  };
  for (const { columnNames } of existing.uniques) add('uq', columnNames);
  for (const { columnNames, isUnique } of existing.indices) add(isUnique ? 'uq' : 'ix', columnNames);
  for (const { columnNames } of existing.foreignKeys) add('fk', columnNames);
  return names;
}

async function renameMysqlKeys(runner: QueryRunner, table: string, names: [string, string][]): Promise<void> {
  const quoted = quoter(runner);
  const { foreignKeys } = await requireTable(runner, table);
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
    // The server creates an index with the foreign key's name unless another index starts with its column.
    if (await hasMysqlIndex(runner, table, from))
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

/** SQLite cannot rename keys, so the table is rebuilt from its own CREATE statement with the new names. */
async function renameSqliteKeys(runner: QueryRunner, table: string, names: [string, string][]): Promise<void> {
  const entries = (await runner.query('SELECT type, name, sql FROM sqlite_master WHERE tbl_name = ? AND sql NOT NULL', [
    table,
  ])) as { type: string; name: string; sql: string }[];
  const indexes = entries.filter(({ type }) => type === 'index');
  const before = entries.find(({ type }) => type === 'table')!.sql;
  const newNames = new Map(names);
  const renamed = (sql: string) => sql.replace(/"([^"]+)"/g, (_, key: string) => `"${newNames.get(key) ?? key}"`);
  const after = renamed(before);
  const needsRebuild = after !== before;
  const changed = needsRebuild ? indexes : indexes.filter(({ sql }) => renamed(sql) !== sql);
  for (const { name } of changed) await runner.query(`DROP INDEX "${name}"`);
  if (needsRebuild) await rebuildTable(runner, table, after);
  for (const { sql } of changed) await runner.query(renamed(sql));
}

async function rebuildTable(runner: QueryRunner, table: string, sql: string): Promise<void> {
  const [{ foreign_keys: cascades }] = (await runner.query('PRAGMA foreign_keys')) as [{ foreign_keys: number }];
  if (cascades)
    throw new Error(`Cannot rebuild ${table} while foreign keys are on: the rows that reference it would be deleted`);
  const temporary = `temporary_${table}`;
  await runner.query(sql.replace(`"${table}"`, `"${temporary}"`));
  await runner.query(`INSERT INTO "${temporary}" SELECT * FROM "${table}"`);
  if (sql.includes('AUTOINCREMENT')) {
    // Without its sequence, the numbers of deleted rows would be used again.
    await runner.query('DELETE FROM sqlite_sequence WHERE name = ?', [temporary]);
    await runner.query('UPDATE sqlite_sequence SET name = ? WHERE name = ?', [temporary, table]);
  }
  await runner.query(`DROP TABLE "${table}"`);
  await runner.query(`ALTER TABLE "${temporary}" RENAME TO "${table}"`);
}

async function requireTable(runner: QueryRunner, name: string): Promise<Table> {
  const table = await runner.getTable(name);
  if (!table) throw new Error(`There is no table ${name}`);
  return table;
}

function quoter(runner: QueryRunner): (name: string) => string {
  return (name) => runner.connection.driver.escape(name);
}

function swapped(names: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(names).map(([from, to]) => [to, from]));
}
