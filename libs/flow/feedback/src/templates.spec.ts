import { describe, expect, it } from 'vitest';
import { branchName } from './templates';

describe('branchName', () => {
  it.each([
    ['Fix the totals', 'teko/7-fix-the-totals'],
    ['Été: "$(rm -rf /)" ../..', 'teko/7-e-te-rm-rf'],
    ['日本語', 'teko/7'],
    ['x'.repeat(80), `teko/7-${'x'.repeat(40)}`],
  ])('%s', (title, branch) => {
    expect(branchName({ number: 7, title })).toBe(branch);
  });
});
