import type { HitReasonKind, IndexPhase } from '@teko/contracts';
import type { IndexCoverage } from './code-index';

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

/** A question to the memory of one or several repositories. */
export interface CodeQuery {
  repositoryIds: string[];
  text: string;
  /** Only below this folder or file. */
  path?: string;
  /** At most so many hits. */
  limit: number;
}

/** A piece of code that answers a question. The lines are those of `commit`. */
export interface SearchHit {
  repositoryId: string;
  commit: string;
  path: string;
  /** From 1, both included. */
  startLine: number;
  endLine: number;
  /** What the lines define, with its surroundings (`Parser.parse`); null for lines between definitions. */
  symbol: string | null;
  language: string | null;
  /** The lines, cut where they are many. */
  snippet: string;
  /** For comparison within one answer. */
  score: number;
  why: HitReason[];
}

export interface HitReason {
  kind: HitReasonKind;
  /** The words, symbol or path; how near the meaning is. */
  detail: string;
}

export interface SearchAnswer {
  hits: SearchHit[];
  /** What makes this answer worse than it could be; null where nothing does. */
  notice: string | null;
}
