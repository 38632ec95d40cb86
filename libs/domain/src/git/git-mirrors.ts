import type { Repository } from '../repository/repository';

/** Git on the host, in bare mirror repositories that only Teko writes to. Never runs in a workspace that an agent has access to. */
export interface GitMirrors {
  /** Throws InvalidError for the field `url` if the URL cannot be fetched. */
  checkUrl(url: string): Promise<void>;
  /** Clones or fetches, with the forge's credential if there is one. Returns the default branch and its head commit. Teko's own branches are kept. */
  sync(repository: Pick<Repository, 'id' | 'url'>): Promise<{ defaultBranch: string; headCommit: string }>;
  /** Returns the commit of a branch of the remote repository (not one of Teko's) as last fetched, or null if there is none. */
  resolve(repositoryId: string, branch: string): Promise<string | null>;
  /** Returns the files of a commit with blob id and size. */
  tree(repositoryId: string, commit: string): Promise<TreeEntry[]>;
  /** Returns contents by blob id, truncated to `maxBytes`. */
  blobs(repositoryId: string, ids: string[], maxBytes: number): Promise<Map<string, Buffer>>;
  /** Creates a checkout of `commit` with its own .git in the new folder `path`. */
  checkout(repositoryId: string, commit: string, path: string): Promise<void>;
  /** Fetches a bundle into a quarantine ref and validates it (objects, ancestry of `base`, size, paths, links, submodules). Throws InvalidError. */
  importBundle(
    repositoryId: string,
    bundle: Buffer,
    options: { runId: string; base: string; ref: string },
  ): Promise<{ headCommit: string }>;
  diff(repositoryId: string, base: string, head: string): Promise<ChangeDiff>;
  /** Returns how often each file was changed in the last `commits` commits up to `commit`, by path. Merge commits do not count. */
  fileChanges(repositoryId: string, commit: string, commits: number): Promise<Map<string, FileChanges>>;
  /** Pushes `commit` to `branch` of the remote repository. Throws ConflictError if the branch is neither at `expected` (null: must not exist) nor already at `commit`. */
  push(
    repository: Pick<Repository, 'id' | 'url'>,
    branch: string,
    commit: string,
    expected: string | null,
  ): Promise<void>;
  /** Returns the current commit of a branch of the remote repository, or null if the branch does not exist. */
  remoteCommit(repository: Pick<Repository, 'id' | 'url'>, branch: string): Promise<string | null>;
  /** Returns the text of a file at a commit, or null if it does not exist or is larger than `maxBytes`. */
  readFile(repositoryId: string, commit: string, path: string, maxBytes: number): Promise<string | null>;
  /** Deletes the mirror and its quarantine. */
  remove(repositoryId: string): Promise<void>;
}

export const GitMirrors = Symbol('GitMirrors');

export interface TreeEntry {
  path: string;
  mode: string;
  blob: string;
  bytes: number;
}

/** How often a file was changed in recent commits. */
export interface FileChanges {
  commits: number;
  authors: number;
  lastChangedAt: Date;
}

export interface ChangeDiff {
  /** Unified diff, truncated at 2 MB; `truncated` is then true. */
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
