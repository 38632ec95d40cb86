import { existsSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { InvalidError, UnavailableError } from '@teko/domain';
import { RepositorySearch } from './repository-search';
import { VectorIndex } from './vector-index';
import type { VectorStore } from './vectors/vector-store';
import { CodeFiles } from './keywords/code-files';
import { IndexFile } from './keywords/index-file';

/** More than the repositories of one search. */
const MAX_OPEN = 128;
/**
 * Approximate memory of an open index outside the heap. libsql closes a file only after its statements are garbage
 * collected; this unused allocation makes the garbage collector aware of their size.
 */
const WEIGHT_BYTES = 2 * 1024 * 1024;
/** Error codes of SQLite and zlib for corrupt content. */
const CORRUPT = /^(?:SQLITE_(?:CORRUPT|NOTADB|IOERR_SHORT_READ)|Z_)/;

/** A repository's index cannot be read and must be rebuilt. */
export class UnreadableIndexError extends UnavailableError {}

/** The index of one repository, open. */
export interface OpenIndex {
  index: IndexFile;
  files: CodeFiles;
  vectors: VectorIndex;
  search: RepositorySearch;
}

interface OpenedIndex extends OpenIndex {
  /** Identifies the file, because another process may have replaced it. */
  inode: number;
  /** Number of callers that are using it. */
  users: number;
  weight: ArrayBuffer;
}

/** The index files of the repositories. Keeps recently used ones open. Deletes a corrupt one, so that it is rebuilt. */
export class OpenIndexes {
  private readonly logger = new Logger('Memory');
  private readonly opened = new Map<string, OpenedIndex>();

  constructor(
    private readonly home: string,
    private readonly store: VectorStore,
  ) {}

  exists(repositoryId: string): boolean {
    return existsSync(this.path(repositoryId));
  }

  /** Opens or creates an index and keeps it open until the work is done. Throws UnreadableIndexError. */
  async use<T>(repositoryId: string, work: (open: OpenIndex) => T | Promise<T>): Promise<T> {
    const entry = await this.open(repositoryId);
    entry.users++;
    try {
      return await work(entry);
    } catch (error) {
      throw isCorrupt(error) ? await this.discard(repositoryId, entry.inode, error) : error;
    } finally {
      entry.users--;
      if (entry.users === 0 && this.opened.get(repositoryId) !== entry) entry.index.close();
      else this.closeUnused();
    }
  }

  /** Deletes an index. Callers that are using it can finish with the deleted file. */
  async delete(repositoryId: string): Promise<void> {
    this.closeIndex(repositoryId);
    for (const ending of ['', '-wal', '-shm'])
      await rm(this.path(repositoryId) + ending, { force: true, recursive: true });
  }

  close(): void {
    for (const { index } of this.opened.values()) index.close();
    this.opened.clear();
  }

  private async open(repositoryId: string): Promise<OpenedIndex> {
    const current = this.opened.get(repositoryId);
    // Another process may have deleted or replaced the file.
    if (current && current.inode === this.inode(repositoryId)) {
      // Moves it to the end, because the least recently used is closed first.
      this.opened.delete(repositoryId);
      this.opened.set(repositoryId, current);
      return current;
    }
    this.closeIndex(repositoryId);
    const inode = this.inode(repositoryId);
    try {
      const entry = this.create(repositoryId);
      this.opened.set(repositoryId, entry);
      return entry;
    } catch (error) {
      if (isCorrupt(error)) throw await this.discard(repositoryId, inode, error);
      this.logger.warn(`Cannot open the index of repository ${repositoryId}: ${(error as Error).message}`);
      throw new UnreadableIndexError(
        'memory',
        'the index of a repository cannot be opened',
        'Check that the folder memory in TEKO_HOME is writable and that the disk is not full',
      );
    }
  }

  private create(repositoryId: string): OpenedIndex {
    const index = new IndexFile(this.path(repositoryId));
    const files = new CodeFiles(index);
    const vectors = new VectorIndex(index, files, this.store, repositoryId);
    const search = new RepositorySearch(repositoryId, index, files);
    const weight = new ArrayBuffer(WEIGHT_BYTES);
    return { index, files, vectors, search, inode: this.inode(repositoryId) ?? 0, users: 0, weight };
  }

  private async discard(repositoryId: string, inode: number | null, error: unknown): Promise<UnreadableIndexError> {
    // Another process may already have rebuilt it.
    if (inode === this.inode(repositoryId)) {
      this.logger.warn(
        `The index of repository ${repositoryId} is corrupt and will be rebuilt: ${(error as Error).message}`,
      );
      await this.delete(repositoryId);
    }
    return new UnreadableIndexError('memory', 'the index of a repository is corrupt and will be rebuilt');
  }

  private closeUnused(): void {
    for (const [repositoryId, { users }] of this.opened) {
      if (this.opened.size <= MAX_OPEN) return;
      if (users === 0) this.closeIndex(repositoryId);
    }
  }

  private closeIndex(repositoryId: string): void {
    const entry = this.opened.get(repositoryId);
    this.opened.delete(repositoryId);
    if (entry?.users === 0) entry.index.close();
  }

  private inode(repositoryId: string): number | null {
    return statSync(this.path(repositoryId), { throwIfNoEntry: false })?.ino ?? null;
  }

  private path(repositoryId: string): string {
    if (!/^[\w-]+$/.test(repositoryId)) throw new InvalidError({ repositoryId: 'is not an id' });
    return join(this.home, 'memory', `${repositoryId}.db`);
  }
}

function isCorrupt(error: unknown): boolean {
  return CORRUPT.test(String((error as { code?: unknown }).code));
}
