import type { HitReasonKind, IndexPhase } from '@teko/contracts';
import type { IndexCoverage } from './code-index';

/** Index of the repositories' code, with keyword and semantic search. */
export interface Memory {
  /**
   * Updates the index of a repository to a commit in its mirror. Only new contents are read, and progress before an abort
   * or a crash is kept. Meanwhile search uses the previous commit. If vectors cannot be computed, only keywords are
   * indexed, and the notice says so.
   */
  index(repositoryId: string, commit: string, options: IndexOptions): Promise<IndexResult>;
  /** Falls back to keyword search with a notice if vectors are unavailable. Repositories without an index have no hits; the notice says so. */
  search(query: CodeQuery, signal?: AbortSignal): Promise<SearchResult>;
  /** Deletes the index of a repository. Data in an unreachable store is deleted later by `cleanUp`. */
  forget(repositoryId: string): Promise<void>;
  /** Deletes data of forgotten repositories that could not be deleted earlier. */
  cleanUp(): Promise<void>;
  /** Whether index data is missing or corrupt, so that indexing again would repair it. */
  needsRepair(repositoryId: string): Promise<boolean>;
  /** Whether semantic search works; false if it is disabled. Throws UnavailableError with a remedy if it is unreachable; keyword search still works. */
  check(): Promise<boolean>;
}

export const Memory = Symbol('Memory');

export interface IndexOptions {
  rules: FileRules;
  signal: AbortSignal;
  onProgress: (phase: IndexPhase, done: number, total: number) => Promise<void>;
}

/** Rules that decide which files are indexed, and their language. */
export interface FileRules {
  /** Whether the file at this path sets attributes of other files, like .gitattributes. */
  isAttributesFile(path: string): boolean;
  /** Returns a classifier for a commit, given the content of its attributes files. */
  classifier(attributesFiles: { path: string; text: string }[]): FileClassifier;
}

export interface FileClassifier {
  /** Returns the attributes of a file as a string; empty if it has none. Equal path, content and attributes give an equal class. */
  attributesOf(path: string): string;
  /** Returns the language of a file, or why it is skipped. Called once per path, content and attributes. */
  classify(path: string, content: Buffer): FileClass;
}

export interface FileClass {
  /** Linguist name; null for other text. */
  language: string | null;
  /** Why the file is not indexed; null if it is. */
  skipped: string | null;
}

export interface IndexResult {
  coverage: IndexCoverage;
  notice: string | null;
}

/** A search in the code of one or more repositories. */
export interface CodeQuery {
  repositoryIds: string[];
  text: string;
  /** Limits the search to this folder or file. */
  path?: string;
  /** Maximum number of hits. */
  limit: number;
}

/** A piece of code that matches a query. The lines are those of `commit`. */
export interface SearchHit {
  repositoryId: string;
  commit: string;
  path: string;
  /** First line, counted from 1; both ends are inclusive. */
  startLine: number;
  endLine: number;
  /** Qualified name of the symbol that the lines define (`Parser.parse`); null between definitions. */
  symbol: string | null;
  language: string | null;
  /** The lines, truncated if there are many. */
  snippet: string;
  /** Only comparable within one result. */
  score: number;
  reasons: HitReason[];
}

export interface HitReason {
  kind: HitReasonKind;
  /** The matched words, symbol or path, or the semantic similarity. */
  detail: string;
}

export interface SearchResult {
  hits: SearchHit[];
  /** Why the result is degraded; null if it is not. */
  notice: string | null;
}
