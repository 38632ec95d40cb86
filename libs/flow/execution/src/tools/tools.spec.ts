import type { ExecResult, SandboxSession, SearchResult, SearchHit } from '@teko/domain';
import { describe, expect, it } from 'vitest';
import { TOOLS, type ToolContext } from '.';

const files = new Map<string, Buffer>();
let result: Partial<ExecResult> = {};
let answer: SearchResult = { hits: [], notice: null };
const context = {
  session: {
    readFile: async (path: string) => ({
      content: files.get(path) ?? (await Promise.reject(new Error('no such file'))),
      truncated: false,
    }),
    writeFile: async (path: string, content: string) => void files.set(path, Buffer.from(content)),
    exec: async () => ({
      code: 0,
      signal: null,
      timedOut: false,
      limit: null,
      head: '',
      tail: '',
      omittedBytes: 0,
      totalBytes: 0,
      durationMs: 1,
      ...result,
    }),
  } as unknown as SandboxSession,
  signal: new AbortController().signal,
  humanInput: {
    ask: async () => '',
    approvePlan: async () => ({ approved: true, note: null }),
    canChangeFiles: async () => true,
  },
  codeSearch: { search: async () => answer },
  insights: { remember: async () => ({ content: 'Stored.' }) },
  changedFiles: [{ path: 'a.txt', oldPath: null, status: 'modified', additions: 1, deletions: 0, binary: false }],
} satisfies ToolContext;

function use(name: string, args: Record<string, unknown>) {
  const tool = TOOLS.find((candidate) => candidate.name === name)!;
  return tool.run(tool.input.parse(args), context, 'tool:1:a');
}

describe('tools', () => {
  it('edit_file replaces literal text that occurs exactly once', async () => {
    files.set('a.txt', Buffer.from('x = 1\ny = 1\n'));
    expect(await use('edit_file', { path: 'a.txt', oldText: '= 1', newText: '= 2' })).toMatchObject({
      isError: true,
      content: expect.stringContaining('2 times'),
    });
    expect(await use('edit_file', { path: 'a.txt', oldText: 'z', newText: '' })).toMatchObject({ isError: true });
    await use('edit_file', { path: 'a.txt', oldText: 'x = 1', newText: "x = '$&'" });
    expect(files.get('a.txt')?.toString()).toBe("x = '$&'\ny = 1\n");
  });

  it('read_file numbers lines, says where to continue, and refuses binary files', async () => {
    files.set('a.txt', Buffer.from('1\n2\n3\n'));
    expect((await use('read_file', { path: 'a.txt', startLine: 2, lines: 1 })).content).toBe(
      '2\t2\n[1 more lines; continue with startLine 3]',
    );
    files.set('b', Buffer.from([1, 0, 2]));
    expect((await use('read_file', { path: 'b' })).isError).toBe(true);
  });

  it('run_command reports how the command ended', async () => {
    result = { code: 3, head: 'out', totalBytes: 3 };
    expect((await use('run_command', { command: 'x' })).content).toBe('out\n[exit code 3]');
    result = { code: null, timedOut: true, head: 'a', tail: 'z', omittedBytes: 97, totalBytes: 99 };
    expect((await use('run_command', { command: 'x' })).content).toMatch(/99 bytes in total[\s\S]*stopped after 120 s/);
    result = { code: null, limit: 'memory', tail: 'z' };
    expect((await use('run_command', { command: 'x' })).content).toMatch(/memory limit/);
  });

  it('find_text distinguishes an empty result from a failed search', async () => {
    result = { code: 1, head: '\0\0' };
    expect(await use('find_text', { pattern: 'x' })).toEqual({ content: 'Nothing found.' });
    result = { code: 128, tail: '', head: '\0\0bad pattern' };
    expect(await use('find_text', { pattern: '[' })).toEqual({
      isError: true,
      content: 'The search failed: bad pattern',
    });
  });

  it('search_code returns lines as they are in the workspace now', async () => {
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
      reasons: [{ kind: 'words', detail: 'round' }],
    });
    const code = 'def round(x):\n    return int(x)\n    # more\n';
    files.set('same.py', Buffer.from(`\n${code}`));
    files.set('moved.py', Buffer.from(`\n\n\n${code}`));
    files.set('changed.py', Buffer.from(`\n${code.replace('int', 'floor')}`));
    answer = { hits: ['same.py', 'moved.py', 'changed.py', 'gone.py'].map(hit), notice: 'Keyword search only.' };
    const { content } = await use('search_code', { query: 'where is it rounded' });
    expect(content.split('\n\n')).toEqual([
      'Keyword search only.',
      'same.py:2-4 | round | words: round\n2\tdef round(x):\n3\t    return int(x)\n[1 more lines]',
      'moved.py:4-6 | round | words: round\n4\tdef round(x):\n5\t    return int(x)\n[1 more lines]',
      'changed.py | round | words: round\n[changed since it was indexed; read the file]',
    ]);
    answer = { hits: [], notice: null };
    expect((await use('search_code', { query: 'x' })).content).toMatch(/^Nothing found/);
  });

  it('report_finding accepts only lines of changed files', async () => {
    files.set('a.txt', Buffer.from('1\n2\n'));
    const finding = { path: 'a.txt', startLine: 1, endLine: 2, severity: 'high', title: 'Wrong', body: 'Because' };
    expect((await use('report_finding', finding)).finding).toEqual(finding);
    expect((await use('report_finding', { ...finding, path: 'b.txt' })).isError).toBe(true);
    expect((await use('report_finding', { ...finding, endLine: 99 })).isError).toBe(true);
  });
});
