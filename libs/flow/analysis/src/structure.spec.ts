import { describe, expect, it } from 'vitest';
import { hotSpotsOf, modulesOf } from './structure';

const AT = new Date('2026-11-24T09:00:00.000Z');
const file = (path: string, bytes: number, language = 'PHP') => ({ path, bytes, language });
const changed = (commits: number, authors = 1) => ({ commits, authors, lastChangedAt: AT });

describe('modulesOf', () => {
  it('splits large folders and describes each module', () => {
    const files = [
      file('src/billing/price.php', 600),
      file('src/billing/view.js', 100, 'JavaScript'),
      file('src/mail/send.php', 200),
      file('tests/price.php', 90),
      file('index.php', 10),
    ];
    expect(modulesOf(files, new Map([['src/mail/send.php', changed(3)]]))).toEqual([
      { path: 'src/billing', files: 2, bytes: 700, language: 'PHP', commits: 0 },
      { path: 'src/mail', files: 1, bytes: 200, language: 'PHP', commits: 3 },
      { path: 'tests', files: 1, bytes: 90, language: 'PHP', commits: 0 },
      { path: '.', files: 1, bytes: 10, language: 'PHP', commits: 0 },
    ]);
  });

  it('supports a codebase without folders and an empty one', () => {
    expect(modulesOf([file('a.php', 1), file('b.php', 2)], new Map())).toEqual([
      { path: '.', files: 2, bytes: 3, language: 'PHP', commits: 0 },
    ]);
    expect(modulesOf([], new Map())).toEqual([]);
  });
});

describe('hotSpotsOf', () => {
  it('sorts by size and changes and omits deleted and stable files', () => {
    const files = [file('large.php', 10_000), file('small.php', 100), file('rest.php', 90_000)];
    const changes = new Map([
      ['large.php', changed(5, 2)],
      ['small.php', changed(20)],
      ['rest.php', changed(1)],
      ['gone.php', changed(50)],
    ]);
    const at = AT.toISOString();
    expect(hotSpotsOf(files, changes)).toEqual([
      { path: 'large.php', bytes: 10_000, commits: 5, authors: 2, lastChangedAt: at },
      { path: 'small.php', bytes: 100, commits: 20, authors: 1, lastChangedAt: at },
    ]);
  });
});
