import { describe, expect, it } from 'vitest';
import { branchName } from './templates';

describe('branchName', () => {
  it.each([
    ['Fix the totals', 'teko/7-fix-the-totals'],
    ['Été: "$(rm -rf /)" ../..', 'teko/7-e-te-rm-rf'],
    ['Orders of exactly 10, 50 or 100 pieces get', 'teko/7-orders-of-exactly-10-50-or-100-pieces'],
    ['日本語', 'teko/7'],
    ['x'.repeat(80), `teko/7-${'x'.repeat(40)}`],
  ])('of the title %j is %s', (title, branch) => {
    expect(branchName({ number: 7, title })).toBe(branch);
  });
});
