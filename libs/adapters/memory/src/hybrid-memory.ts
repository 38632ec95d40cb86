import { setImmediate } from 'node:timers/promises';
import {
  UnavailableError,
  type CodeQuery,
  type Embedder,
  type GitMirrors,
  type IndexOptions,
  type IndexResult,
  type Memory,
  type SearchResult,
  type SearchHit,
} from '@teko/domain';
import { timeLimit, untilAborted } from '@teko/platform';
import { Forgotten } from './forgotten';
import { bringFiles } from './indexer';
import { IndexLostError, OpenIndexes, type OpenIndex } from './open-indexes';
import { questionOf, type Question } from './question';
import type { FittingHit, Neighbour } from './repository-search';
import type { VectorIndex } from './vector-index';
import { VectorsLostError, type VectorStore } from './vectors/vector-store';

const NEIGHBOURS = 200;
/** Whoever asks waits so long at most for embedder and vectors together. */
const VECTOR_SEARCH_TIMEOUT_MS = 2_700;
const TOO_SLOW = `embedder and vector store took longer than ${VECTOR_SEARCH_TIMEOUT_MS / 1000} s`;

export interface HybridMemoryParts {
  /** Folder of the data; each repository's index is a file in it. */
  home: string;
  mirrors: Pick<GitMirrors, 'tree' | 'blobs'>;
  vectors: VectorStore;
  /** Null: search is by words alone. */
  embedder: Embedder | null;
  /** Why there is no embedder, for whoever searches; null where that is a choice. */
  withoutMeaning: string | null;
  /** One that was used before, so that its vectors can be asked while others are made; null where it cannot be had. */
  earlier: (embedderId: string) => Embedder | null;
}

/** Finds code by words, names, paths and meaning. What is found by words needs nobody; vectors may be away. */
export class HybridMemory implements Memory {
  private readonly indexes: OpenIndexes;
  private readonly forgotten: Forgotten;

  constructor(private readonly parts: HybridMemoryParts) {
    this.indexes = new OpenIndexes(parts.home, parts.vectors);
    this.forgotten = new Forgotten(parts.home, parts.vectors);
  }

  async index(repositoryId: string, commit: string, options: IndexOptions): Promise<IndexResult> {
    const bring = () => this.indexes.use(repositoryId, (open) => this.bring(open, repositoryId, commit, options));
    try {
      return await bring();
    } catch (error) {
      if (!(error instanceof IndexLostError)) throw error;
      return bring();
    }
  }

  async search(query: CodeQuery, signal?: AbortSignal): Promise<SearchResult> {
    const question = questionOf(query.text);
    const notices = new Set<string>();
    const asked = await this.askVectors(query.repositoryIds, question, notices, signal);
    const missing = query.repositoryIds.length - asked.length;
    if (missing > 0) notices.add(notIndexed(missing));
    const where = { path: folderOf(query.path), limit: query.limit };
    const found: FittingHit[] = [];
    for (const { repositoryId, near } of asked) {
      const search = (open: OpenIndex) => open.search.search(question, near, where);
      found.push(...((await this.ifIndexed(repositoryId, notices, search)) ?? []));
      await setImmediate();
      signal?.throwIfAborted();
    }
    const hits = asked.length > 1 ? acrossRepositories(found) : found.map(({ hit }) => hit);
    return { hits: hits.slice(0, query.limit), notice: [...notices].join(' ') || null };
  }

  async forget(repositoryId: string): Promise<void> {
    await this.indexes.delete(repositoryId);
    await this.forgotten.add(repositoryId);
  }

  async needsRepair(repositoryId: string): Promise<boolean> {
    if (!this.indexes.isThere(repositoryId)) return true;
    try {
      return await this.indexes.use(repositoryId, (open) => this.isUnwell(open));
    } catch (error) {
      if (error instanceof IndexLostError) return true;
      throw error;
    }
  }

  cleanUp(): Promise<void> {
    return this.forgotten.tidy();
  }

  async check(): Promise<boolean> {
    const { embedder, withoutMeaning, vectors } = this.parts;
    if (!embedder && !withoutMeaning) return false;
    await vectors.check();
    return true;
  }

  close(): void {
    this.indexes.close();
  }

  private async bring(open: OpenIndex, repositoryId: string, commit: string, options: IndexOptions) {
    await bringFiles({ ...open, mirrors: this.parts.mirrors, repositoryId, commit }, options);
    const notice = await this.bringVectors(open, options);
    const { files, vectors } = open;
    return { coverage: { ...files.counts(), vectors: vectors.count(), embedder: vectors.active }, notice };
  }

  private async bringVectors({ vectors }: OpenIndex, options: IndexOptions): Promise<string | null> {
    const { embedder, withoutMeaning } = this.parts;
    if (!embedder) return withoutMeaning;
    try {
      await vectors.bring(embedder, options.signal, (done, total) => options.onProgress('vectors', done, total));
      return null;
    } catch (error) {
      options.signal.throwIfAborted();
      if (error instanceof UnavailableError || error instanceof VectorsLostError) return byWordsAlone(error);
      throw error;
    }
  }

  private async isUnwell({ files, vectors }: OpenIndex): Promise<boolean> {
    const { embedder } = this.parts;
    if (files.commit === null) return true;
    if (!embedder) return false;
    try {
      // Nothing can be made anew while it is away.
      await this.parts.vectors.check();
      return await vectors.isUnwell(embedder);
    } catch (error) {
      if (error instanceof UnavailableError) return false;
      throw error;
    }
  }

  /** All at once: a store that is slow delays the answer once, and not once for each repository. */
  private async askVectors(repositoryIds: string[], { text }: Question, notices: Set<string>, signal?: AbortSignal) {
    const limit = timeLimit(VECTOR_SEARCH_TIMEOUT_MS, signal);
    const asked: { repositoryId: string; near: Promise<Neighbour[]> }[] = [];
    for (const repositoryId of repositoryIds) {
      // The index need not stay open while the store is asked.
      const use = ({ vectors }: OpenIndex) => ({ vectors, embedder: this.embedderFor(vectors, notices) });
      const found = await this.ifIndexed(repositoryId, notices, use);
      if (!found) continue;
      const near = this.near(found, text, notices, { limit, signal });
      // Its fault is told below, after the others were asked.
      near.catch(() => undefined);
      asked.push({ repositoryId, near });
      // Others work in this process too.
      await setImmediate();
    }
    return Promise.all(asked.map(async ({ repositoryId, near }) => ({ repositoryId, near: await near })));
  }

  /** Null where words have to do. */
  private embedderFor(vectors: VectorIndex, notices: Set<string>): Embedder | null {
    const { embedder, earlier, withoutMeaning } = this.parts;
    if (!embedder) {
      if (withoutMeaning) notices.add(withoutMeaning);
      return null;
    }
    const { active } = vectors;
    const used = active === embedder.id ? embedder : active && earlier(active);
    if (!used) notices.add('Found by words alone: the vectors are still being made.');
    return used && vectors.hasSome(used) ? used : null;
  }

  private async near(
    { vectors, embedder }: { vectors: VectorIndex; embedder: Embedder | null },
    text: string,
    notices: Set<string>,
    { limit, signal }: { limit: AbortSignal; signal?: AbortSignal },
  ): Promise<Neighbour[]> {
    if (!embedder) return [];
    try {
      return await untilAborted(vectors.nearest(embedder, text, NEIGHBOURS, limit), limit);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof UnavailableError || error instanceof VectorsLostError) notices.add(byWordsAlone(error));
      else if (limit.aborted) notices.add(byWordsAlone(new Error(TOO_SLOW)));
      else throw error;
      return [];
    }
  }

  /** Null where there is nothing to be searched, with a notice where that should not be so. */
  private async ifIndexed<T>(
    repositoryId: string,
    notices: Set<string>,
    work: (open: OpenIndex) => T,
  ): Promise<T | null> {
    if (!this.indexes.isThere(repositoryId)) return null;
    try {
      return await this.indexes.use(repositoryId, (open) => (open.files.commit === null ? null : work(open)));
    } catch (error) {
      if (!(error instanceof IndexLostError)) throw error;
      notices.add(`Not all was searched: ${error.message}.`);
      return null;
    }
  }
}

/** As paths in the index are written; empty for all. */
function folderOf(path = ''): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.join('/');
}

function notIndexed(count: number): string {
  const who = count === 1 ? 'A repository is' : `${count} repositories are`;
  return `${who} not indexed yet, or not in this TEKO_HOME.`;
}

function byWordsAlone(error: Error): string {
  return `Found by words alone: ${error.message}.`;
}

/** Best first: rank by rank, and each as much as it has to do with the question. */
function acrossRepositories(found: FittingHit[]): SearchHit[] {
  return found.map(({ hit, fit }) => ({ ...hit, score: hit.score * fit })).sort((a, b) => b.score - a.score);
}
