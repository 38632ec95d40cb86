import type { ExecResult, SandboxSession, SearchAnswer, SearchHit } from '@teko/domain';
import { describe, expect, it } from 'vitest';
import { TOOLS, type ToolContext } from '.';

const files = new Map<string, Buffer>();
let result: Partial<ExecResult> = {};
let answer: SearchAnswer = { hits: [], notice: null };
const context = {
  session: {
    readFile: async (path: string) => files.get(path) ?? Promise.reject(new Error('no such file')),
    writeFile: async (path: string, content: string) => void files.set(path, Buffer.from(content)),
    exec: async () => ({
      code: 0,
      signal: null,
      timedOut: false,
      truncatedByKill: false,
      head: '',
      tail: '',
      totalBytes: 0,
      durationMs: 1,
      ...result,
    }),
  } as unknown as SandboxSession,
  signal: new AbortController().signal,
  people: { ask: async () => '', approve: async () => ({ approved: true, note: null }), mayChange: async () => true },
  code: { search: async () => answer },
  notes: { remember: async () => ({ content: 'Noted.' }) },
  changedFiles: [{ path: 'a.txt', oldPath: null, status: 'modified', additions: 1, deletions: 0, binary: false }],
} satisfies ToolContext;

function use(name: string, args: Record<string, unknown>) {
  const tool = TOOLS.find((candidate) => candidate.name === name)!;
  return tool.run(tool.input.parse(args), context, 'tool:1:a');
}

describe('tools', () => {
  it('edit_file replaces a piece that is there once, to the letter', async () => {
    files.set('a.txt', Buffer.from('x = 1\ny = 1\n'));
    expect(await use('edit_file', { path: 'a.txt', oldText: '= 1', newText: '= 2' })).toMatchObject({
      isError: true,
      content: expect.stringContaining('2 times'),
    });
    expect(await use('edit_file', { path: 'a.txt', oldText: 'z', newText: '' })).toMatchObject({ isError: true });
    await use('edit_file', { path: 'a.txt', oldText: 'x = 1', newText: "x = '$&'" });
    expect(files.get('a.txt')?.toString()).toBe("x = '$&'\ny = 1\n");
  });

  it('read_file numbers lines, reads on where it stopped, and refuses binary files', async () => {
    files.set('a.txt', Buffer.from('1\n2\n3\n'));
    expect((await use('read_file', { path: 'a.txt', startLine: 2, lines: 1 })).content).toBe(
      '2\t2\n[1 more lines; read on with startLine 3]',
    );
    files.set('b', Buffer.from([1, 0, 2]));
    expect((await use('read_file', { path: 'b' })).isError).toBe(true);
  });

  it('run_command says how it ended', async () => {
    result = { code: 3, head: 'out', totalBytes: 3 };
    expect((await use('run_command', { command: 'x' })).content).toBe('out\n[exit code 3]');
    result = { code: null, timedOut: true, head: 'a', tail: 'z', totalBytes: 99 };
    expect((await use('run_command', { command: 'x' })).content).toMatch(/99 bytes in all[\s\S]*stopped after 120 s/);
  });

  it('find_text tells nothing found from a search that failed', async () => {
    result = { code: 1 };
    expect(await use('find_text', { pattern: 'x' })).toEqual({ content: 'Nothing found.' });
    result = { code: 128, tail: 'bad pattern' };
    expect((await use('find_text', { pattern: '[' })).isError).toBe(true);
  });

  it('search_code cites lines as they are in the workspace by now', async () => {
    const hit = (path: string): SearchHit => ({
      repositoryId: 'r',
      commit: 'c',
      path,
      startLine: 2,
      endLine: 4,
      symbol: 'round',
      language: 'Python',
      snippet: 'def round(x):\n    return int(x)\n…',
      score: 1,
      why: [{ kind: 'words', detail: 'round' }],
    });
    const code = 'def round(x):\n    return int(x)\n    # more\n';
    files.set('same.py', Buffer.from(`\n${code}`));
    files.set('moved.py', Buffer.from(`\n\n\n${code}`));
    files.set('changed.py', Buffer.from(`\n${code.replace('int', 'floor')}`));
    answer = { hits: ['same.py', 'moved.py', 'changed.py', 'gone.py'].map(hit), notice: 'Found by words alone.' };
    const { content } = await use('search_code', { query: 'where is it rounded' });
    expect(content.split('\n\n')).toEqual([
      'Found by words alone.',
      'same.py:2-4 | round | words: round\n2\tdef round(x):\n3\t    return int(x)\n[1 more lines]',
      'moved.py:4-6 | round | words: round\n4\tdef round(x):\n5\t    return int(x)\n[1 more lines]',
      'changed.py | round | words: round\n[changed since it was indexed: read it]',
    ]);
    answer = { hits: [], notice: null };
    expect((await use('search_code', { query: 'x' })).content).toMatch(/^Nothing found/);
  });

  it('report_finding takes lines of the change only', async () => {
    files.set('a.txt', Buffer.from('1\n2\n'));
    const finding = { path: 'a.txt', startLine: 1, endLine: 2, severity: 'high', title: 'Wrong', body: 'Because' };
    expect((await use('report_finding', finding)).finding).toEqual(finding);
    expect((await use('report_finding', { ...finding, path: 'b.txt' })).isError).toBe(true);
    expect((await use('report_finding', { ...finding, endLine: 99 })).isError).toBe(true);
  });
});
