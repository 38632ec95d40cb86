import type { CodeQuery, IndexOptions, IndexResult, Memory, SearchResult, SearchHit } from '@teko/domain';

/** A memory in which tests store files. A search finds the files that contain all words of the query. */
export class InMemoryMemory implements Memory {
  readonly files = new Map<string, { path: string; text: string }[]>();
  /** Indexed commits by repository id. */
  readonly commits = new Map<string, string>();
  /** Ids of repositories whose vectors are missing. */
  readonly withoutVectors = new Set<string>();
  /** Called by `index`. */
  onIndex: (repositoryId: string, commit: string, options: IndexOptions) => Promise<void> = () => Promise.resolve();
  notice: string | null = null;
  /** The error with which `check` fails, or null. */
  checkError: Error | null = null;

  async index(repositoryId: string, commit: string, options: IndexOptions): Promise<IndexResult> {
    await this.onIndex(repositoryId, commit, options);
    options.signal.throwIfAborted();
    this.commits.set(repositoryId, commit);
    this.withoutVectors.delete(repositoryId);
    const files = this.files.get(repositoryId)?.length ?? 0;
    const coverage = { files, chunks: files, vectors: 0, embedder: null, skipped: {}, languages: {} };
    return { coverage, notice: this.notice };
  }

  search({ repositoryIds, text, path = '', limit }: CodeQuery): Promise<SearchResult> {
    const words = text.toLowerCase().split(/\W+/).filter(Boolean);
    const hits = repositoryIds.flatMap((repositoryId) =>
      (this.files.get(repositoryId) ?? [])
        .filter((file) => file.path.startsWith(path) && words.every((word) => file.text.toLowerCase().includes(word)))
        .map((file): SearchHit => ({
          repositoryId,
          commit: this.commits.get(repositoryId) ?? '',
          path: file.path,
          startLine: 1,
          endLine: file.text.split('\n').length,
          symbol: null,
          language: null,
          snippet: file.text,
          score: 1,
          reasons: [{ kind: 'words', detail: words.join(', ') }],
        })),
    );
    return Promise.resolve({ hits: hits.slice(0, limit), notice: this.notice });
  }

  forget(repositoryId: string): Promise<void> {
    this.files.delete(repositoryId);
    this.commits.delete(repositoryId);
    return Promise.resolve();
  }

  cleanUp(): Promise<void> {
    return Promise.resolve();
  }

  needsRepair(repositoryId: string): Promise<boolean> {
    return Promise.resolve(this.withoutVectors.has(repositoryId));
  }

  check(): Promise<boolean> {
    return this.checkError ? Promise.reject(this.checkError) : Promise.resolve(true);
  }
}
