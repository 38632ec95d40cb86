import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Chunk } from '../syntax/chunks';
import { wordsOf } from '../syntax/words';
import type { IndexFile } from './index-file';

/** A file of a commit in the index. */
export interface CodeFile {
  path: string;
  blob: string;
  /** Attributes that other files set for it, as one string. */
  attributes: string;
}

export interface ReadFile extends CodeFile {
  language: string | null;
  /** Why the file is not indexed, in which case it has no chunks; null if it is. */
  skipped: string | null;
  chunks: Chunk[];
}

/** A chunk in the index, of a file of the searchable commit. */
export interface StoredChunk {
  id: number;
  path: string;
  language: string | null;
  content: string;
  ordinal: number;
  startLine: number;
  endLine: number;
  symbol: string | null;
}

/** Key of the contents that share vectors: equal content in the same language has equal chunks. */
export function contentKey(blob: string, language: string | null): string {
  return `${blob}-${(language ?? 'text').replace(/[^\w]+/g, '_')}`;
}

/** Blob ids and attributes contain no space. */
const keyOf = ({ path, blob, attributes }: CodeFile) => `${blob} ${attributes} ${path}`;

/** Files, chunks and words of one repository. */
export class CodeFiles {
  constructor(private readonly index: IndexFile) {}

  get commit(): string | null {
    return this.index.meta('commit');
  }

  /** Returns the wanted files that are neither live nor ready. */
  missing<T extends CodeFile>(wanted: T[]): T[] {
    const known = new Set(
      this.index.all<CodeFile>('SELECT path, blob, said AS attributes FROM files WHERE live >= 0').map(keyOf),
    );
    return wanted.filter((file) => !known.has(keyOf(file)));
  }

  /** Adds files for the next commit. Searches do not find them yet. */
  addReady(files: ReadFile[]): void {
    this.index.write(() => {
      for (const file of files) this.add(file);
    });
  }

  /** Makes exactly these files searchable. Other files wait for `sweep`. */
  makeLive(commit: string, wanted: CodeFile[], beyondLimit: number): void {
    this.index.write(() => {
      const keys = new Set(wanted.map(keyOf));
      const rows = this.index.all<CodeFile & { id: number; live: number }>(
        'SELECT id, path, blob, said AS attributes, live FROM files',
      );
      for (const { id, live, ...file } of rows) {
        if (!keys.has(keyOf(file))) this.index.run('UPDATE files SET live = -1 WHERE id = ?', id);
        else if (live === 0) this.index.run('UPDATE files SET live = 1 WHERE id = ?', id);
      }
      this.index.setMeta('commit', commit);
      this.index.setMeta('beyondLimit', String(beyondLimit));
    });
  }

  /** Removes files that were added for a commit that is no longer wanted. */
  dropReady(wanted: CodeFile[]): void {
    const keys = new Set(wanted.map(keyOf));
    const rows = this.index.all<CodeFile & { id: number }>(
      'SELECT id, path, blob, said AS attributes FROM files WHERE live = 0',
    );
    const stale = rows.filter((file) => !keys.has(keyOf(file)));
    this.index.write(() => stale.forEach(({ id }) => this.index.run('UPDATE files SET live = -1 WHERE id = ?', id)));
  }

  /** Deletes up to `limit` removed files. Returns whether there may be more. */
  sweep(limit: number): boolean {
    const rows = this.index.all<{ id: number }>('SELECT id FROM files WHERE live = -1 LIMIT ?', limit);
    if (rows.length > 0) this.index.write(() => rows.forEach(({ id }) => this.remove(id)));
    return rows.length === limit;
  }

  /** Returns the texts to embed for the chunks of a content, in order. */
  textsOf(content: string): string[] {
    const file = this.index.get<{ id: number }>('SELECT id FROM files WHERE content = ? LIMIT 1', content);
    return file ? this.chunksOfFile(file.id).map(embeddedText) : [];
  }

  text(chunk: number): string {
    const row = this.index.get<{ text: Buffer }>('SELECT text FROM chunks WHERE id = ?', chunk);
    return row ? inflateRawSync(row.text).toString() : '';
  }

  counts(): { files: number; chunks: number; skipped: Record<string, number>; languages: Record<string, number> } {
    const group = (column: string, where: string) =>
      Object.fromEntries(
        this.index
          .all<{
            name: string | null;
            count: number;
          }>(`SELECT ${column} AS name, COUNT(*) AS count FROM files WHERE live = 1 AND ${where} GROUP BY ${column}`)
          .map(({ name, count }) => [name ?? 'other', count]),
      );
    const beyond = Number(this.index.meta('beyondLimit') ?? 0);
    const count = (sql: string) => this.index.get<{ n: number }>(sql)!.n;
    return {
      files: count('SELECT COUNT(*) AS n FROM files WHERE live = 1 AND skipped IS NULL'),
      chunks: count('SELECT COALESCE(SUM(chunks), 0) AS n FROM files WHERE live = 1'),
      skipped: { ...group('skipped', 'skipped IS NOT NULL'), ...(beyond > 0 ? { limit: beyond } : {}) },
      languages: group('language', 'skipped IS NULL'),
    };
  }

  private add({ path, blob, attributes, language, skipped, chunks }: ReadFile): void {
    const content = skipped === null ? contentKey(blob, language) : null;
    const [row] = this.index.all<{ id: number }>(
      'INSERT INTO files (path, name, blob, said, live, language, skipped, content, chunks) VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id',
      path,
      path.slice(path.lastIndexOf('/') + 1).toLowerCase(),
      blob,
      attributes,
      language,
      skipped,
      content,
      chunks.length,
    );
    if (!row) return;
    const pathWords = wordsOf(path).join(' ');
    chunks.forEach((chunk, ordinal) => this.addChunk(row.id, ordinal, chunk, pathWords));
  }

  private addChunk(file: number, ordinal: number, chunk: Chunk, pathWords: string): void {
    const { startLine, endLine, symbol, names, text } = chunk;
    const [{ id } = { id: 0 }] = this.index.all<{ id: number }>(
      'INSERT INTO chunks (file, ordinal, startLine, endLine, symbol, names, text) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id',
      file,
      ordinal,
      startLine,
      endLine,
      symbol,
      names.join('\n'),
      deflateRawSync(text, { level: 1 }),
    );
    const symbolWords = wordsOf([symbol ?? '', ...names].join(' ')).join(' ');
    this.index.run(
      'INSERT INTO words (rowid, path, symbol, text) VALUES (?, ?, ?, ?)',
      id,
      pathWords,
      symbolWords,
      wordsOf(text).join(' '),
    );
    for (const name of names)
      this.index.run('INSERT INTO symbols VALUES (?, ?) ON CONFLICT DO NOTHING', name.toLowerCase(), id);
  }

  private remove(file: number): void {
    for (const { id } of this.index.all<{ id: number }>('SELECT id FROM chunks WHERE file = ?', file)) {
      this.index.run('DELETE FROM words WHERE rowid = ?', id);
      this.index.run('DELETE FROM symbols WHERE chunk = ?', id);
    }
    this.index.run('DELETE FROM chunks WHERE file = ?', file);
    this.index.run('DELETE FROM files WHERE id = ?', file);
  }

  private chunksOfFile(file: number): Chunk[] {
    return this.index
      .all<{ startLine: number; endLine: number; symbol: string | null; names: string; text: Buffer }>(
        'SELECT startLine, endLine, symbol, names, text FROM chunks WHERE file = ? ORDER BY ordinal',
        file,
      )
      .map((row) => ({
        ...row,
        names: row.names.split('\n').filter(Boolean),
        text: inflateRawSync(row.text).toString(),
      }));
  }
}

/** The text to embed for a chunk. The symbol comes first, because it describes the chunk best. */
export function embeddedText({ symbol, text }: Pick<Chunk, 'symbol' | 'text'>): string {
  return symbol ? `${symbol}\n${text}` : text;
}
