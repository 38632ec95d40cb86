import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';

/* Table definitions, and the TypeORM entities made from them. */

export interface Table<T> {
  columns: { [K in keyof T]-?: EntitySchemaColumnOptions };
  /** Unique keys, as lists of columns. */
  unique?: (keyof T & string)[][];
  index?: (keyof T & string)[][];
  /** Parent table by column. Deleting the parent deletes the row. */
  parents?: Partial<Record<keyof T & string, string>>;
}

export interface TableShape {
  name: string;
  columns: Record<string, EntitySchemaColumnOptions>;
  unique: string[][];
  index: string[][];
  parents: Record<string, string>;
}

export function table<T extends object>(name: string, shape: Table<T>): TableShape {
  return {
    name,
    columns: shape.columns as Record<string, EntitySchemaColumnOptions>,
    unique: shape.unique ?? [],
    index: shape.index ?? [],
    parents: (shape.parents ?? {}) as Record<string, string>,
  };
}

/** Names keys explicitly, so that entities and migrations agree on both dialects. */
export const keyName = (kind: 'uq' | 'ix' | 'fk', tableName: string, columns: string[]) =>
  `${kind}_${tableName}_${columns.join('_')}`;

/** Returns the TypeORM entity of a table. Its rows have the shape of the domain types, so nothing is mapped. */
export function entityOf(shape: TableShape): EntitySchema {
  return new EntitySchema({
    name: shape.name,
    tableName: shape.name,
    columns: shape.columns,
    uniques: shape.unique.map((columns) => ({ name: keyName('uq', shape.name, columns), columns })),
    indices: shape.index.map((columns) => ({ name: keyName('ix', shape.name, columns), columns })),
    foreignKeys: Object.entries(shape.parents).map(([column, parent]) => ({
      name: keyName('fk', shape.name, [column]),
      target: parent,
      columnNames: [column],
      referencedColumnNames: ['id'],
      onDelete: 'CASCADE' as const,
      onUpdate: 'NO ACTION' as const,
    })),
  });
}
