import type { TreeEntry } from '@teko/domain';
import { describe, expect, it } from 'vitest';
import { RecentTrees } from './recent-trees';

const id = (n: number) => String(n).repeat(40);
const tree = (files: number): TreeEntry[] =>
  Array.from({ length: files }, (_, i) => ({ path: `f${i}`, mode: '100644', blob: id(9), bytes: 1 }));

describe('recent trees', () => {
  it('keeps what was used last, within its bound', () => {
    const recent = new RecentTrees(10);
    recent.keep('r', id(1), tree(4));
    recent.keep('r', id(2), tree(4));
    expect(recent.get('r', id(1))).toHaveLength(4);
    recent.keep('r', id(3), tree(4));
    expect([1, 2, 3].map((n) => recent.get('r', id(n)) !== null)).toEqual([true, false, true]);
  });

  it.each([
    ['a tree that is larger than the bound', id(4), 11],
    ['a branch, which moves', 'main', 1],
    ['a short id', 'abcdef1', 1],
  ])('does not keep %s', (_what, commit, files) => {
    const recent = new RecentTrees(10);
    recent.keep('r', commit, tree(files));
    expect(recent.get('r', commit)).toBeNull();
  });

  it('tells repositories apart', () => {
    const recent = new RecentTrees();
    recent.keep('r', id(1), tree(1));
    expect(recent.get('s', id(1))).toBeNull();
  });
});
