import { existsSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { InvalidError, UnavailableError } from '@teko/domain';
import { RepositorySearch } from './repository-search';
import { VectorIndex } from './vector-index';
import type { VectorStore } from './vectors/vector-store';
import { CodeFiles } from './words/code-files';
import { IndexFile } from './words/index-file';

/** More than one question goes to. */
const MAX_OPEN = 128;
/**
 * What an open one takes outside of the heap, about. SQLite lets a file go only when all its statements are collected, and the
 * collector knows nothing of what hangs on them: these bytes, which nobody touches, tell it.
 */
const WEIGHT_BYTES = 2 * 1024 * 1024;
/** What SQLite and zlib say of content that is not what was written. */
const BROKEN = /^(?:SQLITE_(?:CORRUPT|NOTADB|IOERR_SHORT_READ)|Z_)/;

/** A repository's index cannot be read. It can be made anew. */
export class IndexLostError extends UnavailableError {}

/** The index of one repository, open. */
export interface OpenIndex {
  index: IndexFile;
  files: CodeFiles;
  vectors: VectorIndex;
  search: RepositorySearch;
}

interface Held extends OpenIndex {
  /** Names the file itself: another one may be at its place by now. */
  inode: number;
  /** Who works with it at the moment. */
  users: number;
  weight: ArrayBuffer;
}

/** The index files of the repositories. The last used stay open; one that is broken is deleted, so that it is made anew. */
export class OpenIndexes {
  private readonly logger = new Logger('Memory');
  private readonly opened = new Map<string, Held>();

  constructor(
    private readonly home: string,
    private readonly store: VectorStore,
  ) {}

  isThere(repositoryId: string): boolean {
    return existsSync(this.path(repositoryId));
  }

  /** Opens it, or makes one, and keeps it open until the work is done. Throws IndexLostError. */
  async use<T>(repositoryId: string, work: (open: OpenIndex) => T | Promise<T>): Promise<T> {
    const held = await this.open(repositoryId);
    held.users++;
    try {
      return await work(held);
    } catch (error) {
      throw isBroken(error) ? await this.lost(repositoryId, held.inode, error) : error;
    } finally {
      held.users--;
      if (held.users === 0 && this.opened.get(repositoryId) !== held) held.index.close();
      else this.closeUnused();
    }
  }

  /** Whoever works with it goes on with what nobody else sees any more. */
  async delete(repositoryId: string): Promise<void> {
    this.letGo(repositoryId);
    for (const ending of ['', '-wal', '-shm'])
      await rm(this.path(repositoryId) + ending, { force: true, recursive: true });
  }

  close(): void {
    for (const { index } of this.opened.values()) index.close();
    this.opened.clear();
  }

  private async open(repositoryId: string): Promise<Held> {
    const known = this.opened.get(repositoryId);
    // Another process may have deleted it, or have made it anew.
    if (known && known.inode === this.inode(repositoryId)) {
      // The last used are kept.
      this.opened.delete(repositoryId);
      this.opened.set(repositoryId, known);
      return known;
    }
    this.letGo(repositoryId);
    const inode = this.inode(repositoryId);
    try {
      const held = this.make(repositoryId);
      this.opened.set(repositoryId, held);
      return held;
    } catch (error) {
      if (isBroken(error)) throw await this.lost(repositoryId, inode, error);
      this.logger.warn(`The index of repository ${repositoryId} cannot be opened: ${(error as Error).message}`);
      throw new IndexLostError(
        'memory',
        'the index of a repository cannot be opened',
        'See that Teko may write to the folder memory in TEKO_HOME, and that the disk is not full',
      );
    }
  }

  private make(repositoryId: string): Held {
    const index = new IndexFile(this.path(repositoryId));
    const files = new CodeFiles(index);
    const vectors = new VectorIndex(index, files, this.store, repositoryId);
    const search = new RepositorySearch(repositoryId, index, files);
    const weight = new ArrayBuffer(WEIGHT_BYTES);
    return { index, files, vectors, search, inode: this.inode(repositoryId) ?? 0, users: 0, weight };
  }

  private async lost(repositoryId: string, inode: number | null, error: unknown): Promise<IndexLostError> {
    // Unless another process has already made it anew.
    if (inode === this.inode(repositoryId)) {
      this.logger.warn(`The index of repository ${repositoryId} is made anew: ${(error as Error).message}`);
      await this.delete(repositoryId);
    }
    return new IndexLostError('memory', 'the index of a repository could not be read, and is made anew');
  }

  private closeUnused(): void {
    for (const [repositoryId, { users }] of this.opened) {
      if (this.opened.size <= MAX_OPEN) return;
      if (users === 0) this.letGo(repositoryId);
    }
  }

  private letGo(repositoryId: string): void {
    const held = this.opened.get(repositoryId);
    this.opened.delete(repositoryId);
    if (held?.users === 0) held.index.close();
  }

  private inode(repositoryId: string): number | null {
    return statSync(this.path(repositoryId), { throwIfNoEntry: false })?.ino ?? null;
  }

  private path(repositoryId: string): string {
    if (!/^[\w-]+$/.test(repositoryId)) throw new InvalidError({ repositoryId: 'is not an id' });
    return join(this.home, 'memory', `${repositoryId}.db`);
  }
}

function isBroken(error: unknown): boolean {
  return BROKEN.test(String((error as { code?: unknown }).code));
}
