import { existsSync } from 'node:fs';
import { MigrationExecutor, type DataSource } from 'typeorm';
import { openDatabase, optionsFor, withMigrationLock, type DatabaseAddress } from './database';
import { migrations, PREVIOUS_RELEASE } from './migrations';

/** A migration that was undone. */
export interface UndoneMigration {
  name: string;
  /** How many migrations are left that the previous release does not have. */
  remaining: number;
}

/**
 * Undoes the newest migration and keeps all rows. Throws an error for the operator, without having changed anything, if
 * the SQLite file is missing or in use, or if every migration that is left belongs to the previous release too.
 */
export async function undoNewestMigration(address: DatabaseAddress): Promise<UndoneMigration> {
  const { type, database: file } = optionsFor(address.url, address.home);
  const isSqlite = type === 'better-sqlite3';
  if (isSqlite && !existsSync(String(file))) throw new Error(`There is no database at ${String(file)}.`);
  const database = await openDatabase(address);
  try {
    if (isSqlite) await lockFile(database.dataSource, String(file));
    let undone: UndoneMigration | undefined;
    await withMigrationLock(database.dataSource, async () => (undone = await undoNewest(database.dataSource)));
    return undone!;
  } finally {
    await database.close();
  }
}

async function undoNewest(dataSource: DataSource): Promise<UndoneMigration> {
  const executed = await new MigrationExecutor(dataSource).getExecutedMigrations();
  const { version, migrations: previous } = PREVIOUS_RELEASE;
  if (executed.length <= previous)
    throw new Error(`Nothing to undo: the database already has the schema of release ${version}.`);
  const { name } = executed.reduce((newest, other) => (other.timestamp > newest.timestamp ? other : newest));
  if (!migrations.some((Migration) => Migration.name === name))
    throw new Error(`This release does not have the migration ${name}. Undo it with the release that has it.`);
  // In a transaction SQLite cannot turn off foreign keys, so rebuilding a table would delete the rows of its children.
  await dataSource.undoLastMigration({ transaction: 'none' });
  return { name, remaining: executed.length - 1 - previous };
}

/** Locks the SQLite file until it is closed. Throws if another process has it open. */
async function lockFile(dataSource: DataSource, file: string): Promise<void> {
  // Only leaving WAL mode fails if another connection is open but idle. Teko turns WAL on again at the next start.
  const statements = ['PRAGMA busy_timeout = 0', 'PRAGMA journal_mode = DELETE', 'PRAGMA locking_mode = EXCLUSIVE'];
  try {
    for (const statement of [...statements, 'BEGIN EXCLUSIVE', 'COMMIT']) await dataSource.query(statement);
  } catch (error) {
    throw new Error(`${file} is in use (${(error as Error).message}). Stop Teko, then try again.`, { cause: error });
  }
}
