import type { QueryRunner } from 'typeorm';

export function isMysql(runner: QueryRunner): boolean {
  return runner.connection.options.type !== 'better-sqlite3';
}
