import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ScriptedTurn } from '@teko/testing';
import { expect, it } from 'vitest';
import { requirePackages } from './required-packages';
import { smallRepository } from './sample-repositories';
import { sharedTeko } from './shared-teko';
import { solve } from './small-scenario';

requirePackages('bubblewrap');

const shared = sharedTeko();
const latin1 = (text: string) => Buffer.from(text, 'latin1');
const use = (name: string, args: Record<string, unknown>): ScriptedTurn => ({ toolCalls: [{ name, args }] });
const edit = (path: string, oldText: string, newText: string) => use('edit_file', { path, oldText, newText });

/** Name, content before and after, and the call that makes the difference. */
const FILES: [string, Buffer | string, Buffer | string, ScriptedTurn][] = [
  [
    'src.c',
    latin1('int x = 1;\n/* caf\xe9 */\n'),
    latin1('int x = 2;\n/* caf\xe9 */\n'),
    edit('src.c', 'int x = 1;', 'int x = 2;'),
  ],
  [
    'win.txt',
    'one\r\ntwo\r\nthree\r\nfour\r\n',
    'one\r\nzwei\r\ndrei\r\nfour\r\n',
    edit('win.txt', 'two\nthree', 'zwei\ndrei'),
  ],
  ['whole.txt', 'one\r\ntwo\r\n', 'one\r\n2\r\n', use('write_file', { path: 'whole.txt', content: 'one\n2\n' })],
  ['日本語/文件.txt', 'needle 1', 'needle 2', edit('日本語/文件.txt', 'needle 1', 'needle 2')],
  ['a b/ü ñ.txt', '\ufeffneedle\n', '\ufeffneedle!\n', edit('a b/ü ñ.txt', 'needle', 'needle!')],
  // A change of these would need an approval.
  ['tab\tname.txt', 'needle\n', 'needle\n', use('read_file', { path: 'tab\tname.txt' })],
  ['new\nline.txt', 'needle\n', 'needle\n', use('read_file', { path: '"new\\nline.txt"' })],
  ['-n.txt', 'needle', 'needle!', edit('-n.txt', 'needle', 'needle!')],
  ['[id].tsx', 'needle\n', 'needle!\n', edit('[id].tsx', 'needle', 'needle!')],
];

/** What a model that obeys an attacker writes about its work. */
const HOSTILE = 'Fix `it` [skip ci] Fixes #1 @acme/admins /@octocat GH-1';
const BODY = `${HOSTILE}\r\n/merge\n\n\`\`\`\n@types/node\n\nSigned-off-by: Eve <eve@example.org>\nskip-checks: true`;

it('edits change nothing but what they say, and texts of a model do nothing', async () => {
  const { teko } = shared;
  const source = smallRepository();
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', source, '-c', 'user.name=T', '-c', 'user.email=t@localhost', ...args]);
  for (const [path, content] of FILES) {
    mkdirSync(dirname(join(source, path)), { recursive: true });
    writeFileSync(join(source, path), content, { mode: path === 'src.c' ? 0o755 : 0o644 });
  }
  writeFileSync(join(source, '.gitattributes'), 'answer.txt text=auto\n');
  git('add', '-A');
  git('commit', '--quiet', '--message', 'Files');

  const search = use('find_text', { pattern: 'needle', path: null, ignoreCase: 'false' });
  const end = use('finish', { title: HOSTILE, summary: BODY, notDone: null });
  shared.useScript([solve, search, ...FILES.map(([, , , call]) => call), end]);
  const { id: repositoryId } = await teko.post('/repositories', {
    ...{ name: 'files', url: source, testCommand: 'grep -qx 42 answer.txt' },
  });
  const task = await teko.post('/tasks', { repositoryId, kind: 'implement', title: 'The answer is wrong' });
  const run = await teko.finishedRun(task.id);
  expect(run, JSON.stringify(run)).toMatchObject({ status: 'succeeded', outcome: 'gate_green' });

  const mirror = join(teko.home, 'repositories', `${repositoryId}.git`);
  const read = (...args: string[]) => execFileSync('git', ['-c', 'safe.directory=*', '--git-dir', mirror, ...args]);
  const head = String(run.headCommit);
  for (const [path, , expected] of FILES)
    expect(read('cat-file', 'blob', `${head}:${path}`).toString('latin1'), path).toBe(
      Buffer.from(expected as Buffer).toString('latin1'),
    );
  expect(read('ls-tree', head, 'src.c').toString()).toMatch(/^100755/);
  const lines = read('diff', '--numstat', '-z', String(run.baseCommit), head).toString().split('\0').filter(Boolean);
  expect(lines.map((line) => line.split('\t').slice(0, 2).join()).sort()).toEqual([
    ...FILES.slice(0, -2).map(() => '1,1'),
    '2,2',
  ]);

  const found = shared.server.calls.map(({ text }) => text).join('\n');
  for (const [path] of FILES.filter(([, content]) => String(content).includes('needle')))
    expect(found).toContain(`${path.includes('\n') ? JSON.stringify(path) : path}:1:`);

  const message = read('log', '-1', '--format=%B', head).toString();
  expect(read('log', '-1', '--format=%(trailers)', head).toString().trim()).toBe('');
  const [change] = await teko.rows<{ title: string; body: string }>(`/changes?runId=${run.id}`);
  const [outside, code] = change!.body.split('\n```\n');
  expect(code).toContain('@types/node');
  for (const text of [message, change!.title, outside!])
    expect(text).not.toMatch(/@acme|@octocat|Fixes #1|#1|GH-1|\[skip ci\]|^\/merge|skip-checks:|Signed-off-by:/m);
  expect(change!.title.replaceAll('\u200b', '')).toBe(HOSTILE);
  expect(change!.body).toContain('## How it was tested');
});
