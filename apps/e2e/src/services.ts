import mysql from 'mysql2/promise';

export const MARIADB = 'mysql://root@127.0.0.1:3306';
export const REDIS = 'redis://127.0.0.1:6379';

/** Says something to MariaDB; false where none answers, which in CI is a failure. */
export async function sql(statement: string): Promise<boolean> {
  try {
    await rowsOf(statement);
    return true;
  } catch (error) {
    if (process.env.CI) throw error;
    return false;
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
