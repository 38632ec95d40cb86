import { expect, it } from 'vitest';
import { parseDiff } from './diff';

const IDS = `${'0'.repeat(40)} ${'f'.repeat(40)}`;
const file = { oldPath: null, status: 'modified', additions: 1, deletions: 2, binary: false };

it.each([
  [
    'a name with tabs, line breaks and quotes',
    `:100644 100644 ${IDS} M\0a\tb\n"c"\0`,
    '1\t2\ta\tb\n"c"\0',
    [{ ...file, path: 'a\tb\n"c"' }],
  ],
  ['a name that begins with a colon', `:100644 100644 ${IDS} M\0:a\0`, '1\t2\t:a\0', [{ ...file, path: ':a' }]],
  [
    'a renamed file',
    `:100644 100644 ${IDS} R100\0a\tb\0c\td\0`,
    '1\t2\t\0a\tb\0c\td\0',
    [{ ...file, path: 'c\td', oldPath: 'a\tb', status: 'renamed' }],
  ],
  [
    'a binary file',
    `:100644 100644 ${IDS} A\0a\0`,
    '-\t-\ta\0',
    [{ ...file, path: 'a', status: 'added', additions: 0, deletions: 0, binary: true }],
  ],
  [
    'a listing that is cut off',
    `:100644 100644 ${IDS} M\0a\0:100644 100644 ${IDS} R100\0b\0`,
    '1\t2\ta\0' + '1\t2',
    [{ ...file, path: 'a' }],
  ],
  ['no count', `:100644 100644 ${IDS} M\0a\0`, 'x\0', [{ ...file, path: 'a', additions: 0, deletions: 0 }]],
  ['nothing', '', '', []],
])('%s', (_what, raw, numstat, files) => expect(parseDiff(raw, numstat)).toEqual(files));
