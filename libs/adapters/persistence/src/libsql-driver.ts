import { createRequire } from 'node:module';

type Row = Record<string, unknown>;
interface Statement {
  reader: boolean;
  run(args: unknown[]): { changes: number; lastInsertRowid: number | bigint };
  iterate(args: unknown[]): Iterable<Row>;
}
interface LibsqlDatabase {
  prepare(sql: string): Statement;
  exec(sql: string): void;
  close(): void;
}

/**
 * libsql aborts the process for some single arguments, so pass one plain array with booleans as numbers. It reads text only up to a NUL
 * character, which would hide the rest, so those are replaced.
 */
export function bindable(args: unknown[]): unknown[] {
  const list = args.length === 1 && Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  return list.map((value) => {
    if (typeof value === 'string') return value.replaceAll('\0', '\ufffd');
    return typeof value === 'boolean' ? Number(value) : value === undefined ? null : value;
  });
}

/** The part of better-sqlite3's API that TypeORM uses, on top of libsql, whose npm packages contain prebuilt binaries. */
export class LibsqlDriver {
  private readonly database: LibsqlDatabase;

  constructor(path: string) {
    const Libsql = createRequire(import.meta.url)('libsql') as new (path: string) => LibsqlDatabase;
    this.database = new Libsql(path);
  }

  prepare(sql: string) {
    // A transaction that starts with a read fails instead of waiting if another process writes before it does.
    const statement = this.database.prepare(sql === 'BEGIN TRANSACTION' ? 'BEGIN IMMEDIATE' : sql);
    const all = (...args: unknown[]) => [...statement.iterate(bindable(args))];
    return {
      reader: statement.reader,
      all,
      get: (...args: unknown[]) => all(...args)[0],
      run: (...args: unknown[]) => statement.run(bindable(args)),
    };
  }

  pragma(text: string): Row[] {
    return this.prepare(`PRAGMA ${text}`).all();
  }

  exec(sql: string): this {
    this.database.exec(sql);
    return this;
  }

  close(): void {
    this.database.close();
  }
}
