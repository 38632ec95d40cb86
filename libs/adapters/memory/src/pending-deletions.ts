import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UnavailableError } from '@teko/domain';
import { timeLimit, untilAborted } from '@teko/platform';
import { prefixOf } from './vector-index';
import type { VectorStore } from './vectors/vector-store';

const EXTENSION = '.forgotten';
/** How long the deletion of a repository waits for its vectors. */
const WAIT_TIMEOUT_MS = 2_000;

/** Repositories whose vectors must be deleted. An empty file marks each one while the store is unreachable. */
export class PendingDeletions {
  private readonly folder: string;

  constructor(
    home: string,
    private readonly store: VectorStore,
  ) {
    this.folder = join(home, 'memory');
  }

  /** Deletes the vectors of a repository now, or in `cleanUp` if the store is unreachable. */
  async add(repositoryId: string): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await writeFile(this.path(repositoryId), '');
    const limit = timeLimit(WAIT_TIMEOUT_MS);
    const isDropped = await untilAborted(this.drop(repositoryId), limit).catch((error: unknown) => {
      if (limit.aborted) return false;
      throw error;
    });
    if (isDropped) await rm(this.path(repositoryId), { force: true });
  }

  /** Deletes vectors that could not be deleted earlier. */
  async cleanUp(): Promise<void> {
    if (!existsSync(this.folder)) return;
    for (const name of await readdir(this.folder)) {
      if (!name.endsWith(EXTENSION)) continue;
      if (!(await this.drop(name.slice(0, -EXTENSION.length)))) return;
      await rm(join(this.folder, name), { force: true });
    }
  }

  /** Returns false if the store is unreachable. */
  private async drop(repositoryId: string): Promise<boolean> {
    try {
      for (const name of await this.store.collections(prefixOf(repositoryId))) await this.store.drop(name);
      return true;
    } catch (error) {
      if (error instanceof UnavailableError) return false;
      throw error;
    }
  }

  private path(repositoryId: string): string {
    return join(this.folder, `${repositoryId}${EXTENSION}`);
  }
}
