import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { DataSource, type MixedList } from 'typeorm';
import { optionsFor } from './database';
import { tables } from './entities';
import { migrations as released } from './migrations';
import type { Statements } from './migrations/sql-migration';
import { entityOf, type TableShape } from './schema';

/* Generates a migration from the difference between the entities and the schema that the migrations create. */

/** Server for the temporary MySQL or MariaDB database, unless TEKO_MIGRATION_SERVER names another one. */
export const DEFAULT_SERVER = 'mysql://root@127.0.0.1:3306';
export const SERVER_SETTING = 'TEKO_MIGRATION_SERVER';

/** Independent of the database's default: stores any script, and compares keys case-sensitively as SQLite does. */
const MYSQL_ENGINE = 'InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';

export interface Generated {
  /** File name without the folder. */
  file: string;
  className: string;
  text: string;
}

interface Source {
  migrations: (new () => { readonly name: string })[];
  shapes: (mysql: boolean) => TableShape[];
}

const CURRENT: Source = { migrations: released, shapes: (mysql) => Object.values(tables(mysql)) };

/** Returns null if the migrations already lead to the entities. `title` becomes the name of the file and the class. */
export async function generateMigration(
  title: string,
  server = DEFAULT_SERVER,
  source: Source = CURRENT,
): Promise<Generated | null> {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(title))
    throw new Error(
      `"${title}" is not a valid migration name: use words of a-z and 0-9 that describe the change, such as "task-labels"`,
    );
  const statements = { sqlite: await onSqlite(source), mysql: await onMysql(server, source) };
  if (Object.values(statements).every(({ up }) => up.length === 0)) return null;
  const newest = Math.max(...source.migrations.map((Migration) => Number(new Migration().name.slice(-13))));
  const timestamp = Math.max(Date.now(), newest + 1);
  const words = title.split('-').map((word) => word[0]!.toUpperCase() + word.slice(1));
  const className = `${words.join('')}${timestamp}`;
  return { file: `${timestamp}-${title}.ts`, className, text: textOf(className, statements) };
}

/** Appends a migration to the text of migrations/index.ts. */
export function listWith(list: string, { file, className }: Generated): string {
  const imports = list.lastIndexOf("';\n", list.indexOf('/**')) + "';\n".length;
  const end = list.lastIndexOf('];');
  const line = `import { ${className} } from './${file.replace(/\.ts$/, '')}';\n`;
  return `${list.slice(0, imports)}${line}${list.slice(imports, end)}  ${className},\n${list.slice(end)}`;
}

async function onSqlite(source: Source): Promise<Statements> {
  const home = await mkdtemp(join(tmpdir(), 'teko-migration-'));
  try {
    return await difference(undefined, home, source);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function onMysql(server: string, source: Source): Promise<Statements> {
  const name = `teko_migration_${randomBytes(6).toString('hex')}`;
  await onServer(server, `CREATE DATABASE ${name}`);
  try {
    return await difference(databaseUrl(server, name), '/', source);
  } finally {
    await onServer(server, `DROP DATABASE ${name}`);
  }
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function onServer(server: string, sql: string): Promise<void> {
  if (!/^(mysql|mariadb):\/\//.test(server) || !URL.canParse(server))
    throw new Error(`${SERVER_SETTING}: must be the URL of a server, such as ${DEFAULT_SERVER}`);
  const url = new URL(server);
  try {
    const connection = await mysql.createConnection(url.href.replace(/^mariadb:/, 'mysql:'));
    await connection.query(sql).finally(() => connection.end());
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    throw new Error(
      `${SERVER_SETTING}: cannot create a database on ${url.host} (${code ?? message}). ` +
        'Migrations are written for SQLite and MySQL, so a MySQL or MariaDB server must be running.',
      { cause: error },
    );
  }
}

async function difference(url: string | undefined, home: string, { migrations, shapes }: Source): Promise<Statements> {
  const options = optionsFor(url, home);
  const isMysql = options.type === 'mariadb';
  const entities = shapes(isMysql).map(entityOf);
  const list = migrations as MixedList<new () => never>;
  const dataSource = new DataSource({ ...options, entities, migrations: list } as typeof options);
  await dataSource.initialize();
  if (isMysql) for (const metadata of dataSource.entityMetadatas) metadata.engine = MYSQL_ENGINE;
  try {
    await dataSource.runMigrations({ transaction: 'each' });
    const { upQueries, downQueries } = await dataSource.driver.createSchemaBuilder().log();
    return { up: upQueries.map(textIn), down: newTableFirst(downQueries.map(textIn).reverse()) };
  } finally {
    await dataSource.destroy();
  }
}

/**
 * Reorders how TypeORM rebuilds a SQLite table. TypeORM renames the old table first, and foreign keys follow the rename.
 * Here the new table is created under a temporary name and renamed at the end.
 */
function newTableFirst(statements: string[]): string[] {
  const list = [...statements];
  for (const [index, statement] of statements.entries()) {
    const name = /^ALTER TABLE "(\w+)" RENAME TO "temporary_\1"$/.exec(statement)?.[1];
    if (!name) continue;
    const [create = '', insert = '', drop] = list.slice(index + 1, index + 4);
    const [table, temporary] = [`"${name}"`, `"temporary_${name}"`];
    const starts = [create.startsWith(`CREATE TABLE ${table} (`), insert.startsWith(`INSERT INTO ${table}(`)];
    if (!starts.every(Boolean) || !insert.endsWith(` FROM ${temporary}`) || drop !== `DROP TABLE ${temporary}`)
      throw new Error(`TypeORM rebuilds the table ${name} in an unknown way`);
    list.splice(
      index,
      4,
      create.replace(table, temporary),
      `${insert.slice(0, -temporary.length).replace(table, temporary)}${table}`,
      `DROP TABLE ${table}`,
      `ALTER TABLE ${temporary} RENAME TO ${table}`,
    );
  }
  return list;
}

function textIn({ query, parameters }: { query: string; parameters?: unknown[] }): string {
  if (parameters?.length) throw new Error(`Cannot write a statement with parameters: ${query}`);
  return query.trim();
}

function textOf(className: string, { sqlite, mysql }: Record<'sqlite' | 'mysql', Statements>): string {
  return `import { SqlMigration } from './sql-migration';

export class ${className} extends SqlMigration {
  readonly name = '${className}';

  protected readonly sqlite = ${statementsText(sqlite)};

  protected readonly mysql = ${statementsText(mysql)};
}
`;
}

function statementsText({ up, down }: Statements): string {
  const list = (statements: string[]) => `[\n${statements.map((sql) => `${quoted(sql)},\n`).join('')}]`;
  return `{\nup: ${list(up)},\ndown: ${list(down)},\n}`;
}

/** Returns a TypeScript literal; the formatter chooses the quotes. */
function quoted(sql: string): string {
  return JSON.stringify(sql);
}
