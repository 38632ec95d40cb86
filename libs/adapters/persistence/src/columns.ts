import type { EntitySchemaColumnOptions } from 'typeorm';

/* Column types that behave the same on SQLite and on MySQL. */
type Column = EntitySchemaColumnOptions;

export const id: Column = { type: 'varchar', length: 36, primary: true };
export const ref: Column = { type: 'varchar', length: 36 };
export const word: Column = { type: 'varchar', length: 40 };
export const line: Column = { type: 'varchar', length: 255 };
/** Id of a git object, SHA-1 or SHA-256. */
export const commit: Column = { type: 'varchar', length: 64 };
export const int: Column = { type: 'int' };
export const bool: Column = { type: 'boolean' };
export const date: Column = { type: 'datetime', precision: 3 };

/** Integers beyond 32 bits, which drivers return as text. */
export const big: Column = {
  type: 'bigint',
  transformer: {
    to: (value: number | null) => value,
    from: (value: string | null) => (value === null ? null : Number(value)),
  },
};

/** Text of any length. */
export function longText(mysql: boolean): Column {
  return { type: mysql ? 'longtext' : 'text' };
}

export function json(mysql: boolean): Column {
  return {
    ...longText(mysql),
    transformer: {
      to: (value: unknown) => (value === null || value === undefined ? null : JSON.stringify(value)),
      from: (value: string | null) => (value === null ? null : (JSON.parse(value) as unknown)),
    },
  };
}

export function nullable(column: Column): Column {
  return { ...column, nullable: true };
}
