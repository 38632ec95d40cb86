import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { UnavailableError } from '@teko/domain';

type Row = Record<string, unknown>;
interface Statement {
  run(args: unknown[]): unknown;
  all(args: unknown[]): Row[];
}
interface Libsql {
  prepare(sql: string): Statement;
  exec(sql: string): void;
  readonly inTransaction: boolean;
  close(): void;
}

/** Files of another number are made anew. */
const VERSION = 2;
const BUSY_TIMEOUT_MS = 20_000;

/*
 * `files` are those of the searchable commit (live is 1), those that are being made ready for the next one (0), and those that wait to be swept out (-1). `chunks` are their
 * pieces and `words` the full text of both; all rows of a file go with it. `vectors` says of which contents a collection has the
 * vectors. What is made ready is not seen before it is made live, all of it in one transaction.
 */
const SCHEMA = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (
  id INTEGER PRIMARY KEY, path TEXT NOT NULL, name TEXT NOT NULL, blob TEXT NOT NULL, said TEXT NOT NULL, live INTEGER NOT NULL,
  language TEXT, skipped TEXT, content TEXT, chunks INTEGER NOT NULL, UNIQUE (path, blob, said)
);
CREATE INDEX files_content ON files (content);
CREATE INDEX files_name ON files (name);
CREATE TABLE chunks (
  id INTEGER PRIMARY KEY, file INTEGER NOT NULL, ordinal INTEGER NOT NULL,
  startLine INTEGER NOT NULL, endLine INTEGER NOT NULL, symbol TEXT, names TEXT NOT NULL, text BLOB NOT NULL
);
CREATE INDEX chunks_file ON chunks (file, ordinal);
CREATE TABLE symbols (name TEXT NOT NULL, chunk INTEGER NOT NULL, PRIMARY KEY (name, chunk)) WITHOUT ROWID;
CREATE INDEX symbols_chunk ON symbols (chunk);
CREATE TABLE vectors (collection TEXT NOT NULL, content TEXT NOT NULL, chunks INTEGER NOT NULL, PRIMARY KEY (collection, content)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(path, symbol, text, content='', contentless_delete=1, tokenize='ascii');
CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, 'row');
`;

/** The SQLite file that holds one repository's index. Calls are synchronous and short. */
export class IndexFile {
  private readonly database: Libsql;
  private readonly statements = new Map<string, Statement>();

  constructor(path: string) {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
    const open = createRequire(import.meta.url)('libsql') as new (path: string) => Libsql;
    this.database = new open(path);
    for (const pragma of [`busy_timeout = ${BUSY_TIMEOUT_MS}`, 'journal_mode = WAL', 'synchronous = NORMAL'])
      this.database.prepare(`PRAGMA ${pragma}`).all([]);
    this.prepareSchema();
  }

  all<T>(sql: string, ...args: (string | number | Buffer | null)[]): T[] {
    return this.statement(sql).all(args) as T[];
  }

  get<T>(sql: string, ...args: (string | number | Buffer | null)[]): T | undefined {
    return this.all<T>(sql, ...args)[0];
  }

  run(sql: string, ...args: (string | number | Buffer | null)[]): void {
    this.statement(sql).run(args);
  }

  /** All of it or nothing; readers in other processes see the state before until it is done. */
  write<T>(work: () => T): T {
    return this.within('BEGIN IMMEDIATE', work);
  }

  /** One and the same state for all questions. */
  read<T>(work: () => T): T {
    return this.within('BEGIN', work);
  }

  meta(key: string): string | null {
    return this.get<{ value: string }>('SELECT value FROM meta WHERE key = ?', key)?.value ?? null;
  }

  setMeta(key: string, value: string | null): void {
    if (value === null) this.run('DELETE FROM meta WHERE key = ?', key);
    else this.run('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value', key, value);
  }

  close(): void {
    this.statements.clear();
    this.database.close();
  }

  private within<T>(begin: string, work: () => T): T {
    this.database.exec(begin);
    try {
      const result = work();
      this.database.exec('COMMIT');
      return result;
    } catch (error) {
      // A disk that is full has ended the transaction already.
      if (this.database.inTransaction) this.database.exec('ROLLBACK');
      throw (error as { code?: string }).code === 'SQLITE_FULL' ? noRoom() : error;
    }
  }

  private statement(sql: string): Statement {
    const known = this.statements.get(sql);
    if (known) return known;
    const statement = this.database.prepare(sql);
    this.statements.set(sql, statement);
    return statement;
  }

  private prepareSchema(): void {
    const version = () => Number(this.database.prepare('PRAGMA user_version').all([])[0]?.user_version ?? 0);
    if (version() === VERSION) return;
    this.within('BEGIN IMMEDIATE', () => {
      // Another process may have been first.
      if (version() === VERSION) return;
      for (const table of ['vocabulary', 'words', 'vectors', 'symbols', 'chunks', 'files', 'meta'])
        this.database.exec(`DROP TABLE IF EXISTS ${table}`);
      this.database.exec(SCHEMA);
      this.database.exec(`PRAGMA user_version = ${VERSION}`);
    });
  }
}

function noRoom(): UnavailableError {
  return new UnavailableError('memory', 'The disk has no room for the index', 'Make room in TEKO_HOME');
}
