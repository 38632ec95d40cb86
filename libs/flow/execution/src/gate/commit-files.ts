import type { GitMirrors, TreeEntry } from '@teko/domain';

const MAX_FILE_BYTES = 10 * 1024 * 1024;

/** The files of one commit, read from the mirror on the host. */
export class CommitFiles {
  private tree: Promise<Map<string, TreeEntry>> | null = null;

  constructor(
    private readonly mirrors: GitMirrors,
    private readonly repositoryId: string,
    readonly commit: string,
  ) {}

  /** Returns all files by path. */
  entries(): Promise<Map<string, TreeEntry>> {
    this.tree ??= this.mirrors
      .tree(this.repositoryId, this.commit)
      .then((entries) => new Map(entries.map((entry) => [entry.path, entry])));
    return this.tree;
  }

  /** Returns the contents of those paths that exist. */
  async read(paths: string[]): Promise<Map<string, Buffer>> {
    const entries = await this.entries();
    const found = paths.flatMap((path) => entries.get(path) ?? []);
    const blobs = await this.mirrors.blobs(
      this.repositoryId,
      found.map(({ blob }) => blob),
      MAX_FILE_BYTES,
    );
    return new Map(found.flatMap(({ path, blob }) => (blobs.has(blob) ? [[path, blobs.get(blob)!]] : [])));
  }
}
