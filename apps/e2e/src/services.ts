import { RedisProcess, testDatabaseName } from '@teko/testing';
import mysql from 'mysql2/promise';
import { missingPackages } from './required-packages';
import { onEnd } from './resources';

export const MARIADB = 'mysql://root@127.0.0.1:3306';

/** Why tests that need MariaDB and these packages are skipped; null where nothing is missing. In CI a missing one is a failure. */
export async function missingMariadb(...packages: string[]): Promise<string | null> {
  const reason = missingPackages(...packages);
  if (reason) return reason;
  try {
    await rowsOf('SELECT 1');
    return null;
  } catch (error) {
    if (process.env.CI) throw error;
    return `skipped: no MariaDB answers at ${MARIADB}`;
  }
}

/** What MariaDB answers. */
export async function rowsOf<T>(statement: string): Promise<T[]> {
  const connection = await mysql.createConnection(MARIADB);
  try {
    const [rows] = await connection.query(statement);
    return rows as T[];
  } finally {
    await connection.end();
  }
}

/** An empty database, dropped at the end of the test or file; answers its name. */
export async function temporaryDatabase(purpose: string): Promise<string> {
  const name = testDatabaseName(purpose);
  onEnd(() => rowsOf(`DROP DATABASE IF EXISTS ${name}`));
  await rowsOf(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  return name;
}

/** A Redis server of its own, killed at the end of the test or file. */
export async function startRedis(): Promise<RedisProcess> {
  const starting = RedisProcess.start();
  onEnd(async () => (await starting.catch(() => null))?.kill());
  return starting;
}
