import { RedisProcess, testDatabaseName } from '@teko/testing';
import mysql from 'mysql2/promise';
import { missingPackages } from './required-packages';
import { onEnd } from './resources';

export const MARIADB = 'mysql://root@127.0.0.1:3306';

/** Returns why tests that need MariaDB and these packages are skipped, or null if nothing is missing. Throws in CI. */
export async function missingMariadb(...packages: string[]): Promise<string | null> {
  const reason = missingPackages(...packages);
  if (reason) return reason;
  try {
    await rowsOf('SELECT 1');
    return null;
  } catch (error) {
    if (process.env.CI) throw error;
    return `skipped: MariaDB is not available at ${MARIADB}`;
  }
}

/** Returns the rows of a statement. */
export async function rowsOf<T>(statement: string): Promise<T[]> {
  const connection = await mysql.createConnection(MARIADB);
  try {
    const [rows] = await connection.query(statement);
    return rows as T[];
  } finally {
    await connection.end();
  }
}

/** Creates an empty database, which is dropped at the end of the test or file, and returns its name. */
export async function temporaryDatabase(purpose: string): Promise<string> {
  const name = testDatabaseName(purpose);
  onEnd(() => rowsOf(`DROP DATABASE IF EXISTS ${name}`));
  await rowsOf(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  return name;
}

/** Starts a separate Redis server, which is killed at the end of the test or file. */
export async function startRedis(): Promise<RedisProcess> {
  const starting = RedisProcess.start();
  onEnd(async () => (await starting.catch(() => null))?.kill());
  return starting;
}
