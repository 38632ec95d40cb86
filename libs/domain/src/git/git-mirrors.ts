import type { Repository } from '../repository/repository';

/** Git on the host, in bare repositories that only Teko writes. Never runs in a workspace an agent has touched. */
export interface GitMirrors {
  /** Checks that the url can be fetched; throws InvalidError for field `url`. */
  check(url: string): Promise<void>;
  /** Clones or fetches, with the forge's credential where there is one; answers default branch and its tip. Teko's own branches are kept. */
  sync(repository: Pick<Repository, 'id' | 'url'>): Promise<{ defaultBranch: string; headCommit: string }>;
  /** The commit of an upstream branch (not one of Teko's), or null. */
  resolve(repositoryId: string, branch: string): Promise<string | null>;
  /** Files of a commit with blob id and size. */
  tree(repositoryId: string, commit: string): Promise<TreeEntry[]>;
  /** Contents by blob id; those over `maxBytes` are cut. */
  blobs(repositoryId: string, ids: string[], maxBytes: number): Promise<Map<string, Buffer>>;
  /** A checkout with its own .git at `commit`, in a new folder `path`. */
  checkout(repositoryId: string, commit: string, path: string): Promise<void>;
  /** Fetches a bundle with object checks into a quarantine ref and checks it (ancestry of `base`, size, paths, links, submodules); throws InvalidError. */
  importBundle(
    repositoryId: string,
    bundle: Buffer,
    options: { runId: string; base: string; ref: string },
  ): Promise<{ headCommit: string }>;
  diff(repositoryId: string, base: string, head: string): Promise<ChangeDiff>;
  /** How often each file was changed in the newest `commits` commits up to `commit`, by path. Merges do not count. */
  changes(repositoryId: string, commit: string, commits: number): Promise<Map<string, FileChanges>>;
  /** Points the upstream's `branch` at `commit`; moving it from anything but `expected` (null: must not exist, or already be `commit`) throws ConflictError. */
  push(
    repository: Pick<Repository, 'id' | 'url'>,
    branch: string,
    commit: string,
    expected: string | null,
  ): Promise<void>;
  /** Where the upstream's branch is now; null where it has none of this name. */
  upstreamCommit(repository: Pick<Repository, 'id' | 'url'>, branch: string): Promise<string | null>;
  /** The text of a file of a commit; null where there is none, or none of at most `maxBytes`. */
  text(repositoryId: string, commit: string, path: string, maxBytes: number): Promise<string | null>;
  /** Deletes mirror and quarantine. */
  remove(repositoryId: string): Promise<void>;
}

export const GitMirrors = Symbol('GitMirrors');

export interface TreeEntry {
  path: string;
  mode: string;
  blob: string;
  bytes: number;
}

/** How a file was changed lately. */
export interface FileChanges {
  commits: number;
  authors: number;
  lastChangedAt: Date;
}

export interface ChangeDiff {
  /** Unified diff, cut at 2 MB with `truncated` set. */
  patch: string;
  truncated: boolean;
  files: {
    path: string;
    oldPath: string | null;
    status: 'added' | 'modified' | 'deleted' | 'renamed';
    additions: number;
    deletions: number;
    binary: boolean;
  }[];
}
