import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UnavailableError } from '@teko/domain';
import { timeLimit, untilAborted } from '@teko/platform';
import { prefixOf } from './vector-index';
import type { VectorStore } from './vectors/vector-store';

const ENDING = '.forgotten';
/** Whoever deletes a repository waits so long at most; the rest goes later. */
const WAIT_TIMEOUT_MS = 2_000;

/** Repositories whose vectors have to go. An empty file remembers one while the store is away. */
export class Forgotten {
  private readonly folder: string;

  constructor(
    home: string,
    private readonly store: VectorStore,
  ) {
    this.folder = join(home, 'memory');
  }

  /** Deletes its vectors, now or when the store is back. */
  async add(repositoryId: string): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await writeFile(this.path(repositoryId), '');
    const limit = timeLimit(WAIT_TIMEOUT_MS);
    const isDropped = await untilAborted(this.isDropped(repositoryId), limit).catch((error: unknown) => {
      if (limit.aborted) return false;
      throw error;
    });
    if (isDropped) await rm(this.path(repositoryId), { force: true });
  }

  /** Deletes what could not be deleted before. */
  async tidy(): Promise<void> {
    if (!existsSync(this.folder)) return;
    for (const name of await readdir(this.folder)) {
      if (!name.endsWith(ENDING)) continue;
      if (!(await this.isDropped(name.slice(0, -ENDING.length)))) return;
      await rm(join(this.folder, name), { force: true });
    }
  }

  private async isDropped(repositoryId: string): Promise<boolean> {
    try {
      for (const name of await this.store.collections(prefixOf(repositoryId))) await this.store.drop(name);
      return true;
    } catch (error) {
      if (error instanceof UnavailableError) return false;
      throw error;
    }
  }

  private path(repositoryId: string): string {
    return join(this.folder, `${repositoryId}${ENDING}`);
  }
}
