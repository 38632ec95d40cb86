import type { MigrationInterface, QueryRunner } from 'typeorm';

export interface Statements {
  up: string[];
  down: string[];
}

/**
 * A migration as it was when it was released: statements in full, for each dialect. It never reads the entities, which
 * change with the code; what once was the schema stays.
 */
export abstract class SqlMigration implements MigrationInterface {
  /** Ends with its timestamp. Databases keep it, so it never changes. */
  abstract readonly name: string;
  protected abstract readonly sqlite: Statements;
  /** For MySQL and MariaDB. */
  protected abstract readonly mysql: Statements;

  up(runner: QueryRunner): Promise<void> {
    return runAll(runner, this.statements(runner).up);
  }

  down(runner: QueryRunner): Promise<void> {
    return runAll(runner, this.statements(runner).down);
  }

  private statements(runner: QueryRunner): Statements {
    return isMysql(runner) ? this.mysql : this.sqlite;
  }
}

export function isMysql(runner: QueryRunner): boolean {
  return runner.connection.options.type !== 'better-sqlite3';
}

async function runAll(runner: QueryRunner, statements: string[]): Promise<void> {
  for (const statement of statements) await runner.query(statement);
}
