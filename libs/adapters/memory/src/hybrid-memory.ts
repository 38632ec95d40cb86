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
import { PendingDeletions } from './pending-deletions';
import { indexFiles } from './indexer';
import { UnreadableIndexError, OpenIndexes, type OpenIndex } from './open-indexes';
import { parseQuestion, type Question } from './question';
import type { RelevantHit, Neighbour } from './repository-search';
import type { VectorIndex } from './vector-index';
import { InvalidCollectionError, type VectorStore } from './vectors/vector-store';

const NEIGHBOURS = 200;
/** How long a search waits for embedder and vector store together. */
const VECTOR_SEARCH_TIMEOUT_MS = 2_700;
const TOO_SLOW = `the embedder and the vector store took longer than ${VECTOR_SEARCH_TIMEOUT_MS / 1000} s`;

export interface HybridMemoryParts {
  /** Data folder. Each repository's index is a file in it. */
  home: string;
  mirrors: Pick<GitMirrors, 'tree' | 'blobs'>;
  vectors: VectorStore;
  /** Null for keyword search only. */
  embedder: Embedder | null;
  /** Notice for searches if there is no embedder; null if that is intended. */
  disabledNotice: string | null;
  /** Returns an embedder that was used before, to search its vectors until the new ones are computed; null if it is not available. */
  previousEmbedder: (embedderId: string) => Embedder | null;
}

/** Finds code by keywords, names, paths and meaning. Works without vectors if the embedder or the store is unreachable. */
export class HybridMemory implements Memory {
  private readonly indexes: OpenIndexes;
  private readonly pendingDeletions: PendingDeletions;

  constructor(private readonly parts: HybridMemoryParts) {
    this.indexes = new OpenIndexes(parts.home, parts.vectors);
    this.pendingDeletions = new PendingDeletions(parts.home, parts.vectors);
  }

  async index(repositoryId: string, commit: string, options: IndexOptions): Promise<IndexResult> {
    const update = () => this.indexes.use(repositoryId, (open) => this.update(open, repositoryId, commit, options));
    try {
      return await update();
    } catch (error) {
      if (!(error instanceof UnreadableIndexError)) throw error;
      return update();
    }
  }

  async search(query: CodeQuery, signal?: AbortSignal): Promise<SearchResult> {
    const question = parseQuestion(query.text);
    const notices = new Set<string>();
    const searched = await this.searchVectors(query.repositoryIds, question, notices, signal);
    const missing = query.repositoryIds.length - searched.length;
    if (missing > 0) notices.add(notIndexed(missing));
    const where = { path: folderOf(query.path), limit: query.limit };
    const found: RelevantHit[] = [];
    for (const { repositoryId, neighbours } of searched) {
      const search = (open: OpenIndex) => open.search.search(question, neighbours, where);
      found.push(...((await this.withIndex(repositoryId, notices, search)) ?? []));
      await setImmediate();
      signal?.throwIfAborted();
    }
    const hits = searched.length > 1 ? mergeRepositories(found) : found.map(({ hit }) => hit);
    return { hits: hits.slice(0, query.limit), notice: [...notices].join(' ') || null };
  }

  async forget(repositoryId: string): Promise<void> {
    await this.indexes.delete(repositoryId);
    await this.pendingDeletions.add(repositoryId);
  }

  async needsRepair(repositoryId: string): Promise<boolean> {
    if (!this.indexes.exists(repositoryId)) return true;
    try {
      return await this.indexes.use(repositoryId, (open) => this.indexNeedsRepair(open));
    } catch (error) {
      if (error instanceof UnreadableIndexError) return true;
      throw error;
    }
  }

  cleanUp(): Promise<void> {
    return this.pendingDeletions.cleanUp();
  }

  async check(): Promise<boolean> {
    const { embedder, disabledNotice, vectors } = this.parts;
    if (!embedder && !disabledNotice) return false;
    await vectors.check();
    return true;
  }

  close(): void {
    this.indexes.close();
  }

  private async update(open: OpenIndex, repositoryId: string, commit: string, options: IndexOptions) {
    await indexFiles({ ...open, mirrors: this.parts.mirrors, repositoryId, commit }, options);
    const notice = await this.updateVectors(open, options);
    const { files, vectors } = open;
    return { coverage: { ...files.counts(), vectors: vectors.count(), embedder: vectors.active }, notice };
  }

  private async updateVectors({ vectors }: OpenIndex, options: IndexOptions): Promise<string | null> {
    const { embedder, disabledNotice } = this.parts;
    if (!embedder) return disabledNotice;
    try {
      await vectors.update(embedder, options.signal, (done, total) => options.onProgress('vectors', done, total));
      return null;
    } catch (error) {
      options.signal.throwIfAborted();
      if (error instanceof UnavailableError || error instanceof InvalidCollectionError) return keywordsOnly(error);
      throw error;
    }
  }

  private async indexNeedsRepair({ files, vectors }: OpenIndex): Promise<boolean> {
    const { embedder } = this.parts;
    if (files.commit === null) return true;
    if (!embedder) return false;
    try {
      // Vectors cannot be repaired while the store is unreachable.
      await this.parts.vectors.check();
      return await vectors.needsRepair(embedder);
    } catch (error) {
      if (error instanceof UnavailableError) return false;
      throw error;
    }
  }

  /** Searches all repositories concurrently, so that a slow store delays the result only once. */
  private async searchVectors(repositoryIds: string[], { text }: Question, notices: Set<string>, signal?: AbortSignal) {
    const limit = timeLimit(VECTOR_SEARCH_TIMEOUT_MS, signal);
    const searched: { repositoryId: string; neighbours: Promise<Neighbour[]> }[] = [];
    for (const repositoryId of repositoryIds) {
      // The index can be closed while the store is searched.
      const use = ({ vectors }: OpenIndex) => ({ vectors, embedder: this.embedderFor(vectors, notices) });
      const found = await this.withIndex(repositoryId, notices, use);
      if (!found) continue;
      const neighbours = this.neighbours(found, text, notices, { limit, signal });
      // The error is thrown below, after all searches were started.
      neighbours.catch(() => undefined);
      searched.push({ repositoryId, neighbours });
      // Let other work of this process run.
      await setImmediate();
    }
    return Promise.all(
      searched.map(async ({ repositoryId, neighbours }) => ({ repositoryId, neighbours: await neighbours })),
    );
  }

  /** Returns null for keyword search only. */
  private embedderFor(vectors: VectorIndex, notices: Set<string>): Embedder | null {
    const { embedder, previousEmbedder, disabledNotice } = this.parts;
    if (!embedder) {
      if (disabledNotice) notices.add(disabledNotice);
      return null;
    }
    const { active: activeId } = vectors;
    const active = activeId === embedder.id ? embedder : activeId && previousEmbedder(activeId);
    if (!active) notices.add('Keyword search only: the vectors are still being computed.');
    return active && vectors.hasVectors(active) ? active : null;
  }

  private async neighbours(
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
      if (error instanceof UnavailableError || error instanceof InvalidCollectionError)
        notices.add(keywordsOnly(error));
      else if (limit.aborted) notices.add(keywordsOnly(new Error(TOO_SLOW)));
      else throw error;
      return [];
    }
  }

  /** Returns null if the repository has no readable index. Adds a notice if the index is corrupt. */
  private async withIndex<T>(
    repositoryId: string,
    notices: Set<string>,
    work: (open: OpenIndex) => T,
  ): Promise<T | null> {
    if (!this.indexes.exists(repositoryId)) return null;
    try {
      return await this.indexes.use(repositoryId, (open) => (open.files.commit === null ? null : work(open)));
    } catch (error) {
      if (!(error instanceof UnreadableIndexError)) throw error;
      notices.add(`Not all repositories were searched: ${error.message}.`);
      return null;
    }
  }
}

/** Normalizes a path as in the index; empty for all files. */
function folderOf(path = ''): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.join('/');
}

function notIndexed(count: number): string {
  const subject = count === 1 ? 'A repository is' : `${count} repositories are`;
  return `${subject} not indexed yet, or not in this TEKO_HOME.`;
}

function keywordsOnly(error: Error): string {
  return `Keyword search only: ${error.message}.`;
}

/** Merges hits of several repositories by score and relevance, best first. */
function mergeRepositories(found: RelevantHit[]): SearchHit[] {
  return found
    .map(({ hit, relevance }) => ({ ...hit, score: hit.score * relevance }))
    .sort((a, b) => b.score - a.score);
}
