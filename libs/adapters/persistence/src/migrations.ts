import { Table, TableForeignKey, TableIndex, TableUnique, type MigrationInterface, type QueryRunner } from 'typeorm';
import { keyName, tables, type TableShape } from './entities';

function tableOf(shape: TableShape, mysql: boolean): Table {
  return new Table({
    name: shape.name,
    // Whatever the database's default is: any script can be stored, and keys are told apart by case as on SQLite.
    engine: mysql ? 'InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin' : undefined,
    columns: Object.entries(shape.columns).map(([name, column]) => ({
      name,
      type: sqlType(String(column.type), mysql),
      length: column.length === undefined ? undefined : String(column.length),
      precision: column.precision,
      isPrimary: column.primary ?? false,
      isNullable: column.nullable ?? false,
      isGenerated: Boolean(column.generated),
      generationStrategy: column.generated ? 'increment' : undefined,
    })),
    uniques: mysql
      ? []
      : shape.unique.map(
          (columnNames) => new TableUnique({ name: keyName('uq', shape.name, columnNames), columnNames }),
        ),
    indices: [
      ...shape.index.map(
        (columnNames) => new TableIndex({ name: keyName('ix', shape.name, columnNames), columnNames }),
      ),
      // MySQL knows a unique key only as an index.
      ...(mysql
        ? shape.unique.map(
            (columnNames) =>
              new TableIndex({ name: keyName('uq', shape.name, columnNames), columnNames, isUnique: true }),
          )
        : []),
    ],
    foreignKeys: Object.entries(shape.parents).map(
      ([column, parent]) =>
        new TableForeignKey({
          name: keyName('fk', shape.name, [column]),
          columnNames: [column],
          referencedTableName: parent,
          referencedColumnNames: ['id'],
          onDelete: 'CASCADE',
          onUpdate: 'NO ACTION',
        }),
    ),
  });
}

function sqlType(type: string, mysql: boolean): string {
  if (type === 'boolean') return mysql ? 'tinyint' : 'boolean';
  if (type === 'int' && !mysql) return 'integer';
  return type;
}

/** The first schema. Later changes come as migrations of their own. */
export class FirstSchema1763856000000 implements MigrationInterface {
  name = 'FirstSchema1763856000000';

  async up(runner: QueryRunner): Promise<void> {
    const mysql = runner.connection.options.type !== 'better-sqlite3';
    for (const shape of Object.values(tables(mysql))) await runner.createTable(tableOf(shape, mysql));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const shape of Object.values(tables(true)).reverse()) await runner.dropTable(shape.name);
  }
}
