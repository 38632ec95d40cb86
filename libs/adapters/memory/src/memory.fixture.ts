import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Embedder, FileClass, FileRules, IndexOptions, TreeEntry } from '@teko/domain';
import { HybridMemory, type HybridMemoryParts } from './hybrid-memory';
import { wordsOf } from './syntax/words';
import { InMemoryVectors } from './vectors/in-memory-vectors';

export const REPOSITORY = 'repository-1';

/** Counts words in a few dimensions, which is enough to find texts with the same words. */
export class CountingEmbedder implements Embedder {
  /** Passages embedded so far. */
  readonly passages: string[] = [];
  /** Rejects every request if set. */
  error: Error | null = null;

  constructor(
    readonly id = 'counting',
    private readonly dimensions = 32,
  ) {}

  embed(texts: string[], use: 'passage' | 'query'): Promise<number[][]> {
    if (this.error) return Promise.reject(this.error);
    if (use === 'passage') this.passages.push(...texts);
    return Promise.resolve(texts.map((text) => this.vector(text)));
  }

  private vector(text: string): number[] {
    const vector = new Array<number>(this.dimensions).fill(0);
    for (const word of wordsOf(text)) {
      let hash = 7;
      for (const letter of word) hash = (hash * 31 + letter.charCodeAt(0)) >>> 0;
      vector[hash % this.dimensions]! += 1;
    }
    const length = Math.hypot(...vector);
    return length === 0 ? vector : vector.map((value) => value / length);
  }
}

type Files = Record<string, string | Buffer | null>;

/** A memory with a repository whose commits the test creates. */
export class MemoryFixture {
  readonly folder = mkdtempSync(join(tmpdir(), 'teko-memory-'));
  readonly vectors: HybridMemoryParts['vectors'];
  readonly embedder = new CountingEmbedder();
  readonly mirrors: HybridMemoryParts['mirrors'] = {
    tree: (_, commit) => this.tree(commit),
    blobs: (_, ids) => this.blobs(ids),
  };
  readonly memory: HybridMemory;
  private readonly opened: HybridMemory[] = [];
  private files: Files = {};
  private readonly commits = new Map<string, Files>();
  private readonly contents = new Map<string, Buffer>();

  constructor(parts: Partial<HybridMemoryParts> = {}) {
    this.vectors = parts.vectors ?? new InMemoryVectors();
    this.memory = this.open(parts);
  }

  /** Opens a memory as another process would, with the same parts by default. `remove` closes it. */
  open(parts: Partial<HybridMemoryParts> = {}): HybridMemory {
    const { vectors, embedder, mirrors } = this;
    const memory = new HybridMemory({
      home: this.folder,
      mirrors,
      vectors,
      embedder,
      previousEmbedder: () => null,
      disabledNotice: null,
      ...parts,
    });
    this.opened.push(memory);
    return memory;
  }

  /** Writes files (null deletes one) and commits them. Equal files give an equal commit. */
  commit(files: Files): string {
    this.files = { ...this.files, ...files };
    const existing = Object.entries(this.files).filter(([, text]) => text !== null);
    const commit = hashOf(JSON.stringify(existing.sort()));
    this.commits.set(commit, Object.fromEntries(existing));
    for (const [, text] of existing) this.contents.set(hashOf(text!), Buffer.from(text!));
    return commit;
  }

  /** Returns the lines of a file at a commit. */
  lines(commit: string, path: string): string[] {
    return this.commits.get(commit)![path]!.toString().split('\n');
  }

  index(commit: string, options: Partial<IndexOptions> = {}, memory = this.memory, repositoryId = REPOSITORY) {
    return memory.index(repositoryId, commit, {
      rules: RULES,
      signal: new AbortController().signal,
      onProgress: () => Promise.resolve(),
      ...options,
    });
  }

  search(text: string, more: { path?: string; limit?: number } = {}, memory = this.memory) {
    return memory.search({ repositoryIds: [REPOSITORY], text, limit: 20, ...more });
  }

  remove(): void {
    for (const memory of this.opened) memory.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private tree(commit: string): Promise<TreeEntry[]> {
    const files = Object.entries(this.commits.get(commit)!);
    return Promise.resolve(
      files.map(([path, text]) => ({ path, mode: '100644', blob: hashOf(text!), bytes: Buffer.byteLength(text!) })),
    );
  }

  private blobs(ids: string[]): Promise<Map<string, Buffer>> {
    return Promise.resolve(new Map(ids.map((id) => [id, this.contents.get(id)!])));
  }
}

function hashOf(text: string | Buffer): string {
  return createHash('sha1').update(text).digest('hex');
}

/** The folders listed in `.vendored` are vendored, and `vendor/` unless `!vendor/` is listed. */
export const RULES: FileRules = {
  isAttributesFile: (path) => path === '.vendored',
  classifier: ([listed]) => {
    const folders = listed?.text.split('\n') ?? [];
    const attributesOf = (path: string) => folders.find((folder) => path.startsWith(folder.replace('!', ''))) ?? '';
    return { attributesOf, classify: (path) => classify(path, attributesOf(path)) };
  },
};

function classify(path: string, attributes: string): FileClass {
  if (attributes ? !attributes.startsWith('!') : path.startsWith('vendor/'))
    return { language: null, skipped: 'vendored' };
  return { language: path.endsWith('.py') ? 'Python' : null, skipped: null };
}
