import type { IndexPhase, ListQuery, Page } from '@teko/contracts';
import type { CodeIndex, CodeQuery, IndexCoverage, Insight, SearchAnswer } from './memory';

/** Makes vectors of texts. */
export interface Embedder {
  /** Names model and version: vectors of different ids are never compared. */
  readonly id: string;
  /** One vector of length 1 for each text, all zero for a text that says nothing. Throws UnavailableError where the model does not answer. */
  embed(texts: string[], use: 'passage' | 'query', signal?: AbortSignal): Promise<number[][]>;
}

/** The code of the repositories, so that it can be asked. */
export interface Memory {
  /**
   * Brings the index of a repository to a commit that its mirror has. Only contents that are new are read; what was done before
   * an abort or a crash stays done. Search goes on meanwhile, on the commit before. Where vectors cannot be made the words
   * are indexed all the same, and the notice says so.
   */
  index(repositoryId: string, commit: string, options: IndexOptions): Promise<IndexResult>;
  /** Never throws for vectors that are missing: it answers by words, with a notice. Repositories without an index have no hits; the notice says so. */
  search(query: CodeQuery, signal?: AbortSignal): Promise<SearchAnswer>;
  /** Deletes what is kept of a repository; what cannot be reached goes when somebody tidies. */
  forget(repositoryId: string): Promise<void>;
  /** Deletes what was forgotten while it could not be reached. */
  tidy(): Promise<void>;
  /** Whether something that should be there is missing or broken, so that indexing again would heal it. */
  needsHealing(repositoryId: string): Promise<boolean>;
  /** Whether code is found by meaning too; false where that is off by choice. Throws UnavailableError with what to do where the vectors cannot be asked: search goes on by words. */
  check(): Promise<boolean>;
}
export const Memory = Symbol('Memory');

export interface IndexOptions {
  rules: FileRules;
  signal: AbortSignal;
  onProgress: (phase: IndexPhase, done: number, total: number) => Promise<void>;
}
/** Which files are code, and of which language. */
export interface FileRules {
  /** Whether the file at this path says something of other files, as .gitattributes does. */
  isAttributesFile(path: string): boolean;
  /** Takes the content of the files of a commit that speak of others. */
  classifier(speaking: { path: string; text: string }[]): FileClassifier;
}
export interface FileClassifier {
  /** What is said of a file elsewhere, in one word; empty where nothing is. Where it is the same, the same path and content are of the same class. */
  attributesOf(path: string): string;
  /** The language of a file, or why it stays out. Asked for each path, content and what is said of it once. */
  classify(path: string, content: Buffer): FileClass;
}
export interface FileClass {
  /** By Linguist's name; null for other text. */
  language: string | null;
  /** Why it is not indexed; null where it is. */
  skipped: string | null;
}
export interface IndexResult {
  coverage: IndexCoverage;
  notice: string | null;
}

/** Stores how far the memory of each repository is. One row for each repository. */
export interface CodeIndexRepository {
  findByRepository(repositoryId: string): Promise<CodeIndex | null>;
  /** Asks for an index: stores the row, or sets the one that is there to pending with this `dueAt`. One that is being worked on goes on, though somebody asked for its end. Answers what is stored then. */
  request(index: CodeIndex): Promise<CodeIndex>;
  /**
   * The pending one that is due longest, or one whose right ended before `now`, with the right to work on it until `now + ttlMs`; null
   * where there is none. One that its worker left without a word has an attempt more.
   */
  claim(now: Date, owner: string, ttlMs: number): Promise<CodeIndex | null>;
  /** Writes while `owner` has the right to it; answers what is stored then, null where it is another's or gone. */
  updateClaimed(id: string, owner: string, patch: Partial<CodeIndex>): Promise<CodeIndex | null>;
  update(id: string, patch: Partial<CodeIndex>): Promise<CodeIndex>;
  /** Who has the right to one at the moment. */
  leaseOwners(): Promise<string[]>;
  /** Ends the rights of these owners before `now`. */
  endLeases(owners: string[], now: Date): Promise<void>;
  /** Those that can be searched and are not being worked on. */
  findReady(): Promise<CodeIndex[]>;
}
export const CodeIndexRepository = Symbol('CodeIndexRepository');

/** Stores facts about repositories. A repository has one for each fingerprint. */
export interface InsightRepository {
  /** Throws ConflictError where the same fact is stored. */
  insert(insight: Insight): Promise<void>;
  findById(id: string): Promise<Insight | null>;
  findSame(repositoryId: string, fingerprint: string): Promise<Insight | null>;
  /** Pinned ones first, then the newest. */
  findByRepository(repositoryId: string, limit: number): Promise<Insight[]>;
  update(id: string, patch: Partial<Insight>): Promise<Insight>;
  delete(id: string): Promise<void>;
  /** Deletes what one source wrote; answers how many there were. */
  purge(repositoryId: string, source: Insight['source'], sourceId: string | null): Promise<number>;
  /** Deletes those that were changed longest ago, so that `keep` are left; pinned ones stay, however many. */
  trim(repositoryId: string, keep: number): Promise<void>;
  /** Sort: createdAt, updatedAt, kind. Filters: repositoryId, kind, source, sourceId, pinned, stale. `q` looks in text, path and author. */
  list(query: ListQuery): Promise<Page<Insight>>;
}
export const InsightRepository = Symbol('InsightRepository');
