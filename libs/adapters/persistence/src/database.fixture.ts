import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testDatabaseName } from '@teko/testing';
import mysql from 'mysql2/promise';
import { openDatabase, type Database } from './database';

export const MARIADB = 'mysql://root@127.0.0.1:3306';

/** A database for one test file. `remove` closes every connection that was opened through it and drops it. */
export interface TestDatabase {
  database: Database;
  /** Opens the same database with another connection. */
  reopen(): Promise<Database>;
  remove(): Promise<void>;
}

/** Returns null if MariaDB is running, or the reason why its tests are skipped. Throws in CI. */
export async function mariadbSkipReason(): Promise<string | null> {
  try {
    await onServer('SELECT 1');
    return null;
  } catch (error) {
    if (process.env.CI) throw error;
    return `skipped: no MariaDB at ${MARIADB}`;
  }
}

/** Creates a SQLite file in a new folder and migrates it. */
export function sqliteDatabase(): Promise<TestDatabase> {
  return migrated(emptySqliteDatabase());
}

/** Creates a database on the MariaDB server and migrates it. */
export function mariadbDatabase(): Promise<TestDatabase> {
  return migrated(emptyMariadbDatabase());
}

export async function emptySqliteDatabase(): Promise<TestDatabase> {
  const home = mkdtempSync(join(tmpdir(), 'teko-db-'));
  return openTest({ url: undefined, home }, () => rm(home, { recursive: true, force: true }));
}

/** Its default character set differs from the one of Teko's tables. */
export async function emptyMariadbDatabase(): Promise<TestDatabase> {
  const schema = testDatabaseName('int');
  await onServer(`CREATE DATABASE ${schema} CHARACTER SET latin1`);
  return openTest({ url: `${MARIADB}/${schema}`, home: '/' }, () => onServer(`DROP DATABASE ${schema}`));
}

async function migrated(opening: Promise<TestDatabase>): Promise<TestDatabase> {
  const test = await opening;
  try {
    await test.database.migrate();
    return test;
  } catch (error) {
    await test.remove();
    throw error;
  }
}

async function openTest(options: Parameters<typeof openDatabase>[0], drop: () => Promise<void>): Promise<TestDatabase> {
  const opened: Database[] = [];
  const open = async () => {
    const database = await openDatabase(options);
    opened.push(database);
    return database;
  };
  const remove = async () => {
    try {
      await Promise.all(opened.map((database) => database.close()));
    } finally {
      await drop();
    }
  };
  try {
    return { database: await open(), reopen: open, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function onServer(sql: string): Promise<void> {
  const connection = await mysql.createConnection(MARIADB);
  await connection.query(sql).finally(() => connection.end());
}
