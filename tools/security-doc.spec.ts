import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = new URL('../', import.meta.url);
const text = readFileSync(new URL('docs/security.md', root), 'utf8');

it('the threat model names only files that exist', () => {
  const named = [...text.matchAll(/`((?:apps|libs|tools|\.github)\/[\w./-]+)`/g)].map(([, path]) => path!);
  expect(named.length).toBeGreaterThan(60);
  expect(named.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
});

it('every rule of the threat model has a place where it is enforced and a test', () => {
  const tables = text.split('\n### ').slice(1);
  for (const section of tables) {
    const rows = section.split('\n').filter((line) => line.startsWith('| ') && !/^\| (rule|-)/.test(line));
    expect(rows.length, section.slice(0, 30)).toBeGreaterThan(0);
    const contract = section.includes('contract.ts');
    for (const row of rows) expect(row.split('|').length, row).toBe(contract ? 4 : 5);
    for (const row of rows)
      expect(
        row
          .split('|')
          .slice(2, -1)
          .every((cell) => /`[\w./-]+`|this page/.test(cell)),
        row,
      ).toBe(true);
  }
});
