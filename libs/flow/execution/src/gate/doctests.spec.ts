import type { ChangeDiff } from '@teko/domain';
import { expect, it } from 'vitest';
import { alteredDoctests } from './doctests';

const SOURCE = `"""Totals.

>>> total(1, 1)
2
>>> total(1, 1)
2
"""

def total(a, b):
    """>>> total(
    ...     1, 2)
    3"""
    return a + b
`;
const PATH = 'src/shop/total.py';
const NAMES = ['src.shop.total › shop.total', 'src.shop.total › shop.total.total', 'tests.test_a › test_a'];

const filesOf = (files: Record<string, string>) =>
  ({
    read: async (paths: string[]) =>
      new Map(paths.flatMap((path) => (path in files ? [[path, Buffer.from(files[path]!)] as const] : []))),
  }) as never;

it.each<[string, string | null, string[], string, string, boolean]>([
  ['the code', SOURCE.replace('a + b', 'b + a'), NAMES, PATH, PATH, false],
  ['the text around the examples', SOURCE.replace('Totals.', 'All totals.'), NAMES, PATH, PATH, false],
  ['the indentation', SOURCE.replace(/^ {4}/gm, '  '), NAMES, PATH, PATH, false],
  [
    'the code, and adds an example',
    SOURCE.replace('>>> total(1, 1)', '>>> 1\n1\n\n>>> total(1, 1)'),
    NAMES,
    PATH,
    PATH,
    false,
  ],
  ['an expected output', SOURCE.replace('\n2\n', '\n0\n'), NAMES, PATH, PATH, true],
  ['the end of an expected output', SOURCE.replace('3"""', '4"""'), NAMES, PATH, PATH, true],
  ['an input', SOURCE.replace('total(1, 1)', 'total(1, 1)  # doctest: +SKIP'), NAMES, PATH, PATH, true],
  ['a later line of an input', SOURCE.replace('1, 2)', '2, 1)'), NAMES, PATH, PATH, true],
  ['one of two equal examples', SOURCE.replace('>>> total(1, 1)\n2\n', ''), NAMES, PATH, PATH, true],
  ['a docstring into a comment', SOURCE.replace('>>> total(1, 1)\n', ''), NAMES, PATH, PATH, true],
  ['nothing but deletes the file', null, NAMES, PATH, PATH, true],
  ['the path', SOURCE, NAMES, PATH, 'src/shop/sums.py', true],
  ['examples that did not run', SOURCE.replace('\n2\n', '\n0\n'), ['tests.test_a › test_a'], PATH, PATH, false],
  ['examples of another file', SOURCE.replace('\n2\n', '\n0\n'), NAMES, 'other.py', 'other.py', false],
  [
    'examples of a package',
    '',
    ['shop.sub.__init__ › shop.sub.A'],
    'shop/sub/__init__.py',
    'shop/sub/__init__.py',
    true,
  ],
  ['examples that unittest runs', '', ['shop.total.total'], PATH, PATH, true],
  [
    'examples of a test',
    '',
    ['tests.test_total › tests.test_total'],
    'tests/test_total.py',
    'tests/test_total.py',
    false,
  ],
  ['examples in another language', '', ['total › a'], 'total.js', 'total.js', false],
])('a change of %s', async (_what, content, names, oldPath, path, expected) => {
  const status = content === null ? 'deleted' : path === oldPath ? 'modified' : 'renamed';
  const changed = [{ path, oldPath: path === oldPath ? null : oldPath, status }] as ChangeDiff['files'];
  const [base, head] = [filesOf({ [oldPath]: SOURCE }), filesOf(content === null ? {} : { [path]: content })];
  const results = { passed: names, failed: [], skipped: [] };
  expect(await alteredDoctests(changed, { base, head, results })).toEqual(expected ? [oldPath] : []);
  expect(await alteredDoctests(changed, { base, head, results: null })).toEqual([]);
});
