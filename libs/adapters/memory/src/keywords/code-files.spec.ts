import { UnavailableError } from '@teko/domain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CodeFiles, type ReadFile } from './code-files';
import { IndexFile } from './index-file';

const file = (n: number): ReadFile => ({
  attributes: '',
  path: `src/f${n}.py`,
  blob: `blob${n}`,
  language: 'Python',
  skipped: null,
  chunks: [{ startLine: 1, endLine: 1, symbol: null, names: [`f${n}`], text: `def f${n}(): pass` }],
});

describe('CodeFiles', () => {
  let index: IndexFile;
  let files: CodeFiles;
  beforeEach(() => {
    index = new IndexFile(':memory:');
    files = new CodeFiles(index);
  });
  afterEach(() => index.close());
  const rows = (table: string) => index.get<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`)!.n;

  it('hides removed files at once and deletes them in batches', () => {
    const all = Array.from({ length: 25 }, (_, n) => file(n));
    files.addReady(all);
    files.makeLive('one', all, 0);
    files.makeLive('two', all.slice(0, 5), 0);
    expect(files.counts()).toMatchObject({ files: 5, chunks: 5 });
    expect(files.missing(all), 'removed files count as missing').toHaveLength(20);
    expect([files.sweep(15), rows('files')]).toEqual([true, 10]);
    expect(files.sweep(15)).toBe(false);
    expect(['files', 'chunks', 'symbols', 'words'].map(rows)).toEqual([5, 5, 5, 5]);
  });

  it('reports a full disk and stays unchanged', () => {
    files.addReady([file(1)]);
    const pages = index.get<{ page_count: number }>('PRAGMA page_count')!.page_count;
    index.all(`PRAGMA max_page_count = ${pages}`);
    const many = Array.from({ length: 500 }, (_, n) => file(n + 2));
    expect(() => files.addReady(many)).toThrow(UnavailableError);
    expect(() => files.addReady(many)).toThrow('The disk is full');
    expect(rows('files')).toBe(1);
    index.all('PRAGMA max_page_count = 100000');
    files.addReady(many);
    expect(rows('files')).toBe(501);
  });
});
