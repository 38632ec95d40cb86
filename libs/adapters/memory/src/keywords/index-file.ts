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

/** Index files of another version are rebuilt. */
const VERSION = 2;
const BUSY_TIMEOUT_MS = 20_000;

/*
 * `files.live` is 1 for files of the searchable commit, 0 for files added for the next one, and -1 for files to delete.
 * `files.said` holds the attributes. `chunks` are parts of files, and `words` is the full-text index of their path, symbol and
 * text. `vectors` records which contents have vectors in a collection. Added files become live together in one transaction.
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

/** The SQLite file with the index of one repository. Calls are synchronous and short. */
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

  /** Runs `work` in a write transaction. */
  write<T>(work: () => T): T {
    return this.transaction('BEGIN IMMEDIATE', work);
  }

  /** Runs `work` in a read transaction, which sees one consistent state. */
  read<T>(work: () => T): T {
    return this.transaction('BEGIN', work);
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

  private transaction<T>(begin: string, work: () => T): T {
    this.database.exec(begin);
    try {
      const result = work();
      this.database.exec('COMMIT');
      return result;
    } catch (error) {
      // SQLite has already rolled back if the disk is full.
      if (this.database.inTransaction) this.database.exec('ROLLBACK');
      throw (error as { code?: string }).code === 'SQLITE_FULL' ? diskFull() : error;
    }
  }

  private statement(sql: string): Statement {
    const cached = this.statements.get(sql);
    if (cached) return cached;
    const statement = this.database.prepare(sql);
    this.statements.set(sql, statement);
    return statement;
  }

  private prepareSchema(): void {
    const version = () => Number(this.database.prepare('PRAGMA user_version').all([])[0]?.user_version ?? 0);
    if (version() === VERSION) return;
    this.transaction('BEGIN IMMEDIATE', () => {
      // Another process may have created it meanwhile.
      if (version() === VERSION) return;
      for (const table of ['vocabulary', 'words', 'vectors', 'symbols', 'chunks', 'files', 'meta'])
        this.database.exec(`DROP TABLE IF EXISTS ${table}`);
      this.database.exec(SCHEMA);
      this.database.exec(`PRAGMA user_version = ${VERSION}`);
    });
  }
}

function diskFull(): UnavailableError {
  return new UnavailableError('memory', 'The disk is full', 'Free disk space in TEKO_HOME');
}
