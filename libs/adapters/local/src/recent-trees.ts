import type { TreeEntry } from '@teko/domain';

/** About 30 MB. */
const MAX_ENTRIES = 100_000;
const FULL_ID = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/** Files of the commits that were listed last. A commit never changes, and a run lists its two commits a dozen times. */
export class RecentTrees {
  private readonly trees = new Map<string, readonly TreeEntry[]>();
  private entries = 0;

  constructor(private readonly maxEntries = MAX_ENTRIES) {}

  get(repositoryId: string, commit: string): readonly TreeEntry[] | null {
    const key = `${repositoryId} ${commit}`;
    const tree = this.trees.get(key);
    if (!tree) return null;
    this.trees.delete(key);
    this.trees.set(key, tree);
    return tree;
  }

  /** Names such as branches are not kept, because they move. */
  keep(repositoryId: string, commit: string, tree: readonly TreeEntry[]): void {
    const key = `${repositoryId} ${commit}`;
    if (!FULL_ID.test(commit) || tree.length > this.maxEntries || this.trees.has(key)) return;
    this.trees.set(key, tree);
    this.entries += tree.length;
    for (const [oldest, { length }] of this.trees) {
      if (this.entries <= this.maxEntries) break;
      this.trees.delete(oldest);
      this.entries -= length;
    }
  }
}
