import type { ExecResult, SandboxSession } from '@teko/domain';
import { describe, expect, it } from 'vitest';
import { TOOLS, type ToolContext } from '.';

const LATIN1 = Buffer.from('int x = 1;\n/* caf\xe9 */\n', 'latin1');
const UTF16 = Buffer.from('\ufeffone\r\ntwö\r\n', 'utf16le');
/** UTF-8 with one byte that is not. */
const BROKEN = Buffer.concat([Buffer.from('naïve '), Buffer.from([0xe9]), Buffer.from(' 文\nx = 1\n')]);

let files: Map<string, Buffer>;
let output: Partial<ExecResult> = {};
let argv: string[] = [];
const session = {
  readFile: async (path: string, { maxBytes }: { maxBytes: number }) => {
    const content = files.get(path);
    if (!content) throw new Error(`ENOENT: no such file or directory, open '/workspace/${path}'`);
    return { content: content.subarray(0, maxBytes), truncated: content.length > maxBytes };
  },
  writeFile: async (path: string, content: Buffer | string) => {
    if (path === 'folder') throw new Error("EISDIR: illegal operation on a directory, open '/workspace/folder'");
    files.set(path, Buffer.from(content));
  },
  list: async () => [
    { path: '日本語', type: 'dir', bytes: 0 },
    { path: 'tab\tname.txt', type: 'file', bytes: 1 },
    { path: 'new\nline.txt', type: 'link', bytes: 0 },
  ],
  exec: async (command: string[]) => {
    argv = command;
    return { code: 0, head: '', tail: '', totalBytes: 0, ...output };
  },
} as unknown as SandboxSession;

async function use(name: string, args: Record<string, unknown>, content: Buffer | string = '') {
  files = new Map([[(args.path as string) ?? '', Buffer.from(content as Buffer)]]);
  return call(name, args);
}

function call(name: string, args: Record<string, unknown>) {
  const tool = TOOLS.find((candidate) => candidate.name === name)!;
  const context = { session, signal: new AbortController().signal } as unknown as ToolContext;
  return tool.run(tool.input.parse(args), context, 'tool:1:a');
}

const bytes = (text: string) => Buffer.from(text, 'latin1');
const nameOf = (content: Buffer | string) => (typeof content === 'string' ? content : content.toString('latin1'));

describe('edit_file', () => {
  it.each([
    [LATIN1, 'int x = 1;', 'int x = 2;', bytes('int x = 2;\n/* caf\xe9 */\n')],
    [LATIN1, 'café', 'caffè – “x” €', bytes('int x = 1;\n/* caff\xe8 \x96 \x93x\x94 \x80 */\n')],
    [bytes('a\x81\x8d\x9d\xff\n'), 'a', 'b', bytes('b\x81\x8d\x9d\xff\n')],
    [BROKEN, 'x = 1', 'x = "ï"', Buffer.concat([BROKEN.subarray(0, -6), Buffer.from('x = "ï"\n')])],
    [BROKEN, 'naïve', 'naïf', Buffer.concat([Buffer.from('naïf'), BROKEN.subarray(6)])],
    [UTF16, 'one\ntwö', 'uno\ndue\ntrë', Buffer.from('\ufeffuno\r\ndue\r\ntrë\r\n', 'utf16le')],
    [Buffer.from(UTF16).swap16(), 'one', '1', Buffer.from('\ufeff1\r\ntwö\r\n', 'utf16le').swap16()],
    ['\ufeffone\ntwo\n', 'one', '1', '\ufeff1\ntwo\n'],
    ['one\r\ntwo\r\nthree\r\nfour\r\n', 'two\nthree', 'zwei\ndrei', 'one\r\nzwei\r\ndrei\r\nfour\r\n'],
    ['one\r\ntwo\r\n', 'two', 'zwei\nzwei-b', 'one\r\nzwei\r\nzwei-b\r\n'],
    ['one\r\ntwo\r\n', 'one\n', '', 'two\r\n'],
    ['one\r\ntwo\r\n', 'one\r\ntwo', '1\r\n2', '1\r\n2\r\n'],
    ['one\ntwo\n', 'one\r\ntwo', '1\r\n2', '1\n2\n'],
    ['one\ntwo\r\nthree\nfour\r\n', 'two\nthree\nfour', 'two\n3\nfour', 'one\ntwo\r\n3\nfour\r\n'],
    ['one\ntwo\r\nthree\n', 'one\ntwo\nthree', '1\n2\n3', '1\n2\r\n3\n'],
    ['one\rtwo', 'two', '2', 'one\r2'],
    ['no newline at the end', 'end', 'END', 'no newline at the END'],
    ['x = 1', '= 1', "= '$&'", "x = '$&'"],
    ['a 👩‍🔧 b', '👩‍🔧', '👩', 'a 👩 b'],
    ['a', 'a', 'a\nb', 'a\nb'],
    ['a', 'a', 'lone \ud800', 'lone \ufffd'],
  ])('changes nothing else (%j)', async (content, oldText, newText, expected) => {
    expect(await use('edit_file', { path: 'a.txt', oldText, newText }, content)).toEqual({ content: 'Edited a.txt.' });
    expect(nameOf(files.get('a.txt')!)).toBe(nameOf(Buffer.from(expected as Buffer)));
  });

  it.each([
    [LATIN1, 'café', 'café → 1', /Windows-1252, which has no →/],
    [BROKEN, 'x = 1', 'x = \ufffd', /not UTF-8/],
    ['a\r\nb', 'a\r\nb', 'a\nb', /differ only in line endings/],
    ['a\r\nb\na\nb\n', 'a\nb', 'c', /occurs 2 times/],
    ['a', 'b', 'c', /not in a\.txt/],
    [bytes('a\0b'), 'a', 'c', /binary file/],
    [Buffer.alloc(5 * 1024 * 1024 + 1, 'a'), 'a', 'c', /larger than 5 MB/],
  ])('refuses what it cannot do, and writes nothing (case %#)', async (content, oldText, newText, message) => {
    const answer = await use('edit_file', { path: 'a.txt', oldText, newText }, content);
    expect(answer).toMatchObject({ isError: true, content: expect.stringMatching(message) });
    expect(files.get('a.txt')!.equals(Buffer.from(content as Buffer))).toBe(true);
  });

  it('says what is wrong with a path', async () => {
    files = new Map();
    const answer = await call('edit_file', { path: 'gone', oldText: 'a', newText: 'b' });
    expect(answer).toEqual({ isError: true, content: 'gone does not exist.' });
    expect(() => call('edit_file', { path: 'a\0b', oldText: 'a', newText: 'b' })).toThrow(/NUL/);
  });
});

describe('write_file', () => {
  it.each([
    ['one\r\ntwo\r\n', 'one\n2\nthree\n', 'one\r\n2\r\nthree\r\n', /with \\r\\n, which was kept/],
    ['one\r\ntwo\nthree\n', 'one\n2\nthree\n', 'one\r\n2\nthree\n', /mixed line endings/],
    ['one\ntwo\n', 'one\r\ntwo\r\n', 'one\r\ntwo\r\n', /^Wrote 10 characters to a\.txt\.$/],
    ['\ufeffa\n', 'b\n', '\ufeffb\n', /^Wrote 3 characters/],
    ['', 'b\n', 'b\n', /^Wrote 2 characters/],
    [LATIN1, 'é\n', bytes('\xe9\n'), /in Windows-1252, which was kept/],
    [UTF16, 'é\n', Buffer.from('\ufeffé\r\n', 'utf16le'), /in UTF-16 LE with \\r\\n/],
  ])('keeps the format of a file (%j)', async (content, text, expected, message) => {
    expect((await use('write_file', { path: 'a.txt', content: text }, content)).content).toMatch(message);
    expect(nameOf(files.get('a.txt')!)).toBe(nameOf(Buffer.from(expected as Buffer)));
  });

  it('creates files as they are written, and refuses to replace a binary file or a folder', async () => {
    files = new Map([['b', bytes('\0')]]);
    expect((await call('write_file', { path: 'a b/ü', content: 'é\r\n' })).content).toBe('Wrote 4 bytes to a b/ü.');
    expect(files.get('a b/ü')!.toString()).toBe('é\r\n');
    expect(await call('write_file', { path: 'b', content: 'x' })).toMatchObject({ isError: true });
    const folder = await call('write_file', { path: 'folder', content: 'x' });
    expect(folder).toEqual({ isError: true, content: 'folder is not a file.' });
  });
});

describe('names and formats that are shown', () => {
  it.each([
    [LATIN1, '1\tint x = 1;\n2\t/* café */\n[the file is encoded in Windows-1252; edit_file and write_file keep that]'],
    ['\ufeffa\r\nb', '1\ta\n2\tb\n[the lines end with \\r\\n; edit_file and write_file keep that]'],
    [BROKEN, '1\tnaïve \ufffd 文\n2\tx = 1\n[bytes that are not UTF-8 are shown as \ufffd; edit_file keeps them]'],
    ['a', '1\ta'],
  ])('read_file shows the text of %j', async (content, shown) => {
    expect((await use('read_file', { path: 'a.txt' }, content)).content).toBe(shown);
  });

  it.each(['日本語/文件.txt', 'a b/ü ñ.txt', 'tab\tname.txt', '-n.txt', '[id].tsx', 'quo"te\\.txt', '"quoted".txt'])(
    'find_text shows the path %j as it is',
    async (path) => {
      output = { head: `${path}\0`, tail: '2\0foo\r\n\0\0', totalBytes: 9 };
      expect((await use('find_text', { pattern: 'foo', path })).content).toBe(`${path}:2:foo`);
      expect(argv.slice(-2)).toEqual(['--', `:(literal)${path}`]);
    },
  );

  it('shows a path with a line break so that it is accepted', async () => {
    output = { head: 'a\x001\0x\nnew\nline.txt\x003\0foo\n\0', tail: '\0', totalBytes: 9 };
    expect((await use('find_text', { pattern: 'foo' })).content).toBe('a:1:x\n"new\\nline.txt":3:foo');
    files = new Map([['new\nline.txt', Buffer.from('foo')]]);
    expect((await call('read_file', { path: '"new\\nline.txt"' })).content).toBe('1\tfoo');
    expect((await call('list_files', {})).content).toBe('日本語/\ntab\tname.txt (1 bytes)\n"new\\nline.txt" (link)');
  });

  it('find_text omits lines that are cut', async () => {
    output = { head: 'a\x001\0x\nb\x002\0lon', tail: 'ger\nc\x003\0y\n\0\0', totalBytes: 99_999 };
    const { content } = await use('find_text', { pattern: 'x', path: 'src/*.ts' });
    expect(content).toBe('a:1:x\n[99999 bytes found, some omitted. Narrow the search.]\nc:3:y');
    expect(argv.slice(-2)).toEqual([':(literal)src/*.ts', ':(glob)src/*.ts']);
  });
});
