import { InvalidError } from '../errors';
import type { Repository } from '../repository/repository';

/** Git on the host, in bare mirror repositories that only Teko writes to. Never runs in a workspace that an agent has access to. */
export interface GitMirrors {
  /** Throws InvalidError for the field `url` if the URL cannot be fetched. */
  checkUrl(url: string): Promise<void>;
  /** Clones or fetches, with the forge's credential if there is one. Returns the default branch and its head commit. Teko's own branches are kept. */
  sync(repository: Pick<Repository, 'id' | 'url'>): Promise<{ defaultBranch: string; headCommit: string }>;
  /** Returns the commit of a branch of the remote repository (not one of Teko's) as last fetched, or null if there is none. */
  resolve(repositoryId: string, branch: string): Promise<string | null>;
  /** Returns the files of a commit with blob id and size. Throws UnavailableError if there are more than 200,000. */
  tree(repositoryId: string, commit: string): Promise<TreeEntry[]>;
  /** Returns contents by blob id, truncated to `maxBytes`. */
  blobs(repositoryId: string, ids: string[], maxBytes: number): Promise<Map<string, Buffer>>;
  /** Creates a checkout of `commit` with its own .git in the new folder `path`. */
  checkout(repositoryId: string, commit: string, path: string): Promise<void>;
  /** Creates a bare repository in the new folder `path` with these commits, without their history. Every user of this host can read its files. */
  exportCommits(repositoryId: string, commits: string[], path: string): Promise<void>;
  /**
   * Fetches a bundle with only `ref`, based only on `base`, into a quarantine ref. Validates it (objects, ancestry, size, paths,
   * links, submodules). Throws RejectedEntryError for one entry, else InvalidError.
   */
  importBundle(
    repositoryId: string,
    bundle: Buffer,
    options: { runId: string; base: string; ref: string },
  ): Promise<{ headCommit: string }>;
  /** Creates Teko's commit of a tree and keeps it for the run. The same arguments make the same commit. */
  createCommit(
    repositoryId: string,
    options: { runId: string; tree: string; parent: string; message: string; date: Date },
  ): Promise<string>;
  /** Applies the changes from the commit `base` to the tree `theirs` to the commit `ours`. Returns the tree, or null on conflicts. */
  mergeTrees(repositoryId: string, options: { base: string; ours: string; theirs: string }): Promise<string | null>;
  /** Returns the tree of a commit and when it was committed. Throws UnavailableError if the mirror does not have it. */
  commitInfo(repositoryId: string, commit: string): Promise<{ tree: string; date: Date }>;
  /** Whether `ancestor` is `commit` or in its history; false if the mirror does not have one of them. */
  isAncestor(repositoryId: string, ancestor: string, commit: string): Promise<boolean>;
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

/** A change that must not be delivered, or that the forge refuses, because of its content. */
export class RejectedChangeError extends InvalidError {
  constructor(reason: string) {
    super({ change: reason });
  }
}

/** A file or folder that a change must not contain. Without it, the rest can be delivered. */
export class RejectedEntryError extends RejectedChangeError {
  constructor(
    readonly path: string,
    reason: string,
  ) {
    super(`${path} ${reason}`);
  }
}

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
