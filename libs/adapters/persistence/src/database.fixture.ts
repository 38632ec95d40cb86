import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testDatabaseName } from '@teko/testing';
import mysql from 'mysql2/promise';
import { openDatabase, type Database } from './database';

export const MARIADB = 'mysql://root@127.0.0.1:3306';

/** A database for one test file; `remove` closes and drops it, whoever still has it open. */
export interface TestDatabase {
  database: Database;
  /** Opens the same database once more. */
  again(): Promise<Database>;
  remove(): Promise<void>;
}

/** Null when MariaDB answers, else why its tests are skipped. In CI a missing server is a failure. */
export async function mariadbMissing(): Promise<string | null> {
  try {
    await onServer('SELECT 1');
    return null;
  } catch (error) {
    if (process.env.CI) throw error;
    return `skipped: no MariaDB answers at ${MARIADB}`;
  }
}

/** An empty SQLite file in a new folder, migrated. */
export function sqliteDatabase(): Promise<TestDatabase> {
  return migrated(emptySqliteDatabase());
}

/** A new database on the MariaDB server, migrated. */
export function mariadbDatabase(): Promise<TestDatabase> {
  return migrated(emptyMariadbDatabase());
}

export async function emptySqliteDatabase(): Promise<TestDatabase> {
  const home = mkdtempSync(join(tmpdir(), 'teko-db-'));
  return prepared({ url: undefined, home }, () => rm(home, { recursive: true, force: true }));
}

/** Its default charset is one that Teko must not rely on. */
export async function emptyMariadbDatabase(): Promise<TestDatabase> {
  const schema = testDatabaseName('int');
  await onServer(`CREATE DATABASE ${schema} CHARACTER SET latin1`);
  return prepared({ url: `${MARIADB}/${schema}`, home: '/' }, () => onServer(`DROP DATABASE ${schema}`));
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

async function prepared(options: Parameters<typeof openDatabase>[0], drop: () => Promise<void>): Promise<TestDatabase> {
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
    return { database: await open(), again: open, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function onServer(sql: string): Promise<void> {
  const connection = await mysql.createConnection(MARIADB);
  await connection.query(sql).finally(() => connection.end());
}
