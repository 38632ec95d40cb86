import { createHash } from 'node:crypto';
import type { TreeEntry } from '@teko/domain';
import { describe, expect, it } from 'vitest';
import { requireBundle } from './bundle';
import { rejectUnsafeTree } from './unsafe-tree';

const idOf = (text: string) => createHash('sha1').update(text).digest('hex');
const entry = (path: string, mode: string, content: string): TreeEntry => ({
  ...{ path, mode, blob: idOf(content), bytes: content.length },
});
const file = (path: string, content = path) => entry(path, '100644', content);
const link = (path: string, target: string) => entry(path, '120000', target);

/** The contents of all blobs, by id. */
const contents = (entries: TreeEntry[], texts: string[]) =>
  new Map(
    texts
      .filter((text) => entries.some(({ blob }) => blob === idOf(text)))
      .map((text) => [idOf(text), Buffer.from(text)]),
  );

const check = (before: TreeEntry[], after: TreeEntry[], targets: string[] = []) =>
  rejectUnsafeTree(before, after, async () => contents([...before, ...after], targets));

const BASE = [file('a.txt'), file('src/b.ts'), file('src/deep/c.ts'), link('old', 'a.txt')];
const withLinks = (...links: [string, string][]) =>
  check(
    [...BASE],
    [...BASE, ...links.map(([path, target]) => link(path, target))],
    ['a.txt', ...links.map(([, target]) => target)],
  );

describe('links', () => {
  it.each<[string, string][][]>([
    [[['l', 'a.txt']]],
    [[['src/l', '../a.txt']]],
    [[['l', 'src/deep/../b.ts']]],
    [[['l', 'src']]],
    [[['l', './src/']]],
    [
      [
        ['l', 'm'],
        ['m', 'src/b.ts'],
      ],
    ],
    [
      [
        ['l', 'dir/../b.ts'],
        ['dir', 'src/deep'],
      ],
    ],
    [[['l', 'old']]],
  ])('accepts %j', async (links) => {
    await expect(withLinks(...links)).resolves.toBeUndefined();
  });

  it.each<[[string, string][], RegExp]>([
    [[['l', '/etc/passwd']], /outside/],
    [[['l', '../x']], /outside/],
    [[['l', 'src/../../x']], /outside/],
    [[['l', '']], /outside/],
    [[['l', '.git/config']], /outside/],
    [[['l', '.GIT/config']], /outside/],
    [[['l', '.git']], /outside/],
    [[['l', '.g\u200cit/config']], /outside/],
    [[['l', 'git~1/config']], /outside/],
    [[['l', '.git /config']], /outside/],
    [[['l', '.git::$INDEX_ALLOCATION/config']], /outside/],
    [[['l', 'src\\..\\..\\x']], /outside/],
    [[['l', 'C:/Windows']], /outside/],
    [[['l', 'src/nowhere/.GIT/config']], /outside/],
    // Harmless as text, but the folder is a link.
    [
      [
        ['l', 'dir/../../x'],
        ['dir', 'src'],
      ],
      /outside/,
    ],
    [
      [
        ['l', 'dir/../../a.txt'],
        ['dir', 'src/deep/..'],
      ],
      /outside/,
    ],
    [
      [
        ['l', 'm/x'],
        ['m', 'n'],
        ['n', '..'],
      ],
      /outside/,
    ],
    [[['l', 'nowhere']], /to nothing/],
    [[['l', 'SRC/b.ts']], /to nothing/],
    [[['l', 'a.txt/x']], /to nothing/],
    [[['l', 'l']], /to nothing/],
    [
      [
        ['l', 'm'],
        ['m', 'l'],
      ],
      /to nothing/,
    ],
    [[['l', `${'src/../'.repeat(600)}a.txt`]], /outside/],
    [[['.gitmodules', 'a.txt']], /stands for/],
    [[['.gitattributes', 'a.txt']], /stands for/],
  ])('rejects %j', async (links, message) => {
    await expect(withLinks(...links)).rejects.toThrow(message);
  });

  it('an old link can lose its target, but must not start to lead out', async () => {
    const before = [file('p/q/r'), file('x'), link('l', 'p/q/../../x'), link('gone', 'x')];
    await expect(
      check(
        before,
        before.filter(({ path }) => path !== 'x'),
        ['p/q/../../x', 'x'],
      ),
    ).resolves.toBeUndefined();
    const after = [file('t/r'), file('x'), link('p/q', '../t'), link('l', 'p/q/../../x'), link('gone', 'x')];
    await expect(check(before, after, ['p/q/../../x', 'x', '../t'])).rejects.toThrow(/^change: l .*outside/);
    const bad = [link('bad', '/etc/passwd')];
    await expect(check(bad, [...bad, file('new')], ['/etc/passwd'])).resolves.toBeUndefined();
  });
});

describe('names', () => {
  it.each([
    '.git/config',
    'src/.GIT/hooks/x',
    'git~1',
    '.git./x',
    '.git::$INDEX_ALLOCATION/x',
    'a/.g\u200cit',
    '..\\x',
    'a\\b',
    `src/${'ü'.repeat(128)}`,
    '.GITMODULES',
    'GITMOD~1',
    '.gitmodules.',
    'bad\ufffd',
    'A.txt',
    'SRC/new.ts',
    'src/Deep/d.ts',
    'a.txt\u200c',
  ])('rejects the new file %j', async (path) => {
    await expect(check(BASE, [...BASE, file(path)], ['a.txt'])).rejects.toThrow(/^change: /);
  });

  it.each([
    '-n.txt',
    '[id].tsx',
    'tab\tname.txt',
    'line\nbreak',
    'quote".txt',
    '日本語/文件.txt',
    'a b/ü.txt',
    '.gitmodules',
  ])('accepts the new file %j', async (path) => {
    await expect(check(BASE, [...BASE, file(path)], ['a.txt'])).resolves.toBeUndefined();
  });

  it('accepts changes of files whose old names are unsafe', async () => {
    const before = [file('a\\b', '1'), file('X'), file('x'), file('bad\ufffd', '1')];
    const after = [file('a\\b', '2'), file('X', '2'), file('x'), file('bad\ufffd', '2')];
    await expect(check(before, after)).resolves.toBeUndefined();
    await expect(check(before, [...after, file('new'), file('NEW')])).rejects.toThrow(/same name/);
    await expect(check([file('é')], [file('é'), file('e\u0301')])).rejects.toThrow(/same name/);
  });

  it('rejects submodules and large files', async () => {
    await expect(check([], [entry('sub', '160000', 'x')])).rejects.toThrow(/submodule/);
    const large = { ...file('large'), bytes: 51 * 1024 * 1024 };
    await expect(check([], [large])).rejects.toThrow(/larger than 50 MB/);
    await expect(check([large], [large])).resolves.toBeUndefined();
    const many = Array.from({ length: 5 }, (_, i) => ({ ...file(`f${i}`), bytes: 45 * 1024 * 1024 }));
    await expect(check([], many)).rejects.toThrow(/larger than 200 MB/);
  });
});

describe('requireBundle', () => {
  const base = 'b'.repeat(40);
  const ref = 'refs/heads/x';
  const pack = Buffer.from('PACK\0\0\0\x02\0\0\0\x03', 'latin1');
  const bundle = (...lines: string[]) => Buffer.concat([Buffer.from(`${lines.join('\n')}\n\n`), pack]);
  const tip = 'c'.repeat(40);

  it.each([
    [['# v2 git bundle', `-${base} subject`, `${tip} ${ref}`]],
    [['# v3 git bundle', '@object-format=sha1', `-${base}`, `${tip} ${ref}`]],
  ])('accepts %j', (lines) => {
    expect(() => requireBundle(bundle(...lines), { ref, base })).not.toThrow();
  });

  it.each([
    [Buffer.from('garbage')],
    [Buffer.alloc(0)],
    [Buffer.alloc(10_000, '\n')],
    [bundle('# v2 git bundle', `-${base}`)],
    [bundle('# v1 git bundle', `-${base}`, `${tip} ${ref}`)],
    [bundle('# v2 git bundle', `-${base}`, `${tip} ${ref}`, `${tip} refs/heads/main`)],
    [bundle('# v2 git bundle', `-${base}`, `${tip} ${ref}`, `${tip} ${ref}`)],
    [bundle('# v2 git bundle', `-${base}`, `${tip} refs/heads/main`)],
    [bundle('# v2 git bundle', `-${'d'.repeat(40)}`, `${tip} ${ref}`)],
    [bundle('# v3 git bundle', '@filter=blob:none', `-${base}`, `${tip} ${ref}`)],
    [bundle('# v3 git bundle', '@object-format=sha256', `-${base}`, `${tip} ${ref}`)],
    [bundle('# v2 git bundle', `-${base}`, `HEAD ${ref}`)],
    [Buffer.from(`# v2 git bundle\n-${base}\n${tip} ${ref}\n\nPACK`)],
    [Buffer.from(`# v2 git bundle\n${tip} ${ref}\n\nPACK\0\0\0\x02\x7f\0\0\0`, 'latin1')],
  ])('rejects row %#', (bytes) => {
    expect(() => requireBundle(bytes, { ref, base })).toThrow(/valid bundle/);
  });
});
