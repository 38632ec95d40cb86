import type { MigrationInterface, QueryRunner } from 'typeorm';
import { isMysql } from './dialect';
import { applyRenames, reversed, type TableRename } from './renames';

export interface Statements {
  up: string[];
  down: string[];
}

/**
 * A migration as plain statements for each dialect. It never reads the entities, because they change after the migration
 * was released.
 */
export abstract class SqlMigration implements MigrationInterface {
  /** Ends with the timestamp. Databases store the name, so it never changes. */
  abstract readonly name: string;
  /** Applied before the statements, and undone after them. Tests use them to map the rows of older releases. */
  readonly renames: readonly TableRename[] = [];
  protected abstract readonly sqlite: Statements;
  /** For MySQL and MariaDB. */
  protected abstract readonly mysql: Statements;

  async up(runner: QueryRunner): Promise<void> {
    await applyRenames(runner, this.renames);
    await runAll(runner, this.statements(runner).up);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAll(runner, this.statements(runner).down);
    await applyRenames(runner, reversed(this.renames));
  }

  private statements(runner: QueryRunner): Statements {
    return isMysql(runner) ? this.mysql : this.sqlite;
  }
}

async function runAll(runner: QueryRunner, statements: string[]): Promise<void> {
  for (const statement of statements) await runner.query(statement);
}
