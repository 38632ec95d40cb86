import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidError, UnavailableError, type Repository } from '@teko/domain';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LocalGitMirrors } from './mirrors';

/** Far more than needed on an idle machine; without a bound, each takes minutes and gigabytes. */
const MAX_MS = 20_000;

let folder: string;
let source: string;
let mirrors: LocalGitMirrors;
let [first, bomb, last] = ['', '', ''];

const git = (cwd: string, args: string[], input = '') =>
  execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@localhost', '-C', cwd, ...args], { input });
const idOf = (args: string[], input = '') => git(source, args, input).toString().trim();
const treeOf = (line: (n: number) => string) =>
  idOf(['mktree'], Array.from({ length: 10 }, (_, n) => `${line(n)}\n`).join(''));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'teko-trees-'));
  source = join(folder, 'source');
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', source]);
  const blob = idOf(['hash-object', '-w', '--stdin'], 'x');
  const small = treeOf((n) => `100644 blob ${blob}\tf${n}`);
  // Seven trees for ten million files.
  let tree = small;
  for (let level = 1; level < 7; level++) {
    const below = tree;
    tree = treeOf((n) => `040000 tree ${below}\td${n}`);
  }
  first = idOf(['commit-tree', '-m', 'first', small]);
  bomb = idOf(['commit-tree', '-m', 'bomb', '-p', first, tree]);
  last = idOf(['commit-tree', '-m', 'last', '-p', bomb, small]);
  git(source, ['update-ref', 'refs/heads/main', last]);
  mirrors = new LocalGitMirrors(join(folder, 'home'));
  await mirrors.sync({ id: 'r1', url: source } as Repository);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function inTime(work: () => Promise<unknown>): Promise<unknown> {
  const start = performance.now();
  const result = await work().catch((error: Error) => error);
  expect(performance.now() - start).toBeLessThan(MAX_MS);
  return result;
}

it('a tree of millions of files is refused before anything is listed, compared or checked out', async () => {
  const workspace = join(folder, 'workspace');
  for (const work of [
    () => mirrors.tree('r1', bomb),
    () => mirrors.diff('r1', first, bomb),
    () => mirrors.mergeTrees('r1', { base: first, ours: bomb, theirs: first }),
    () => mirrors.checkout('r1', bomb, workspace),
  ]) {
    const error = await inTime(work);
    expect(error).toBeInstanceOf(UnavailableError);
    expect((error as Error).message).toContain('more than 200,000 files');
  }
  expect(existsSync(workspace)).toBe(false);
  expect(await mirrors.tree('r1', last)).toHaveLength(10);
});

it('a history with such a tree has no counts of changes', async () => {
  expect(await inTime(() => mirrors.fileChanges('r1', last, 100))).toEqual(new Map());
  expect(((await mirrors.fileChanges('r1', first, 100)) as Map<string, unknown>).size).toBe(10);
});

it('a bundle with such a tree is an invalid change', async () => {
  const file = join(folder, 'bomb.bundle');
  git(source, ['update-ref', 'refs/heads/teko-result', bomb]);
  git(source, ['bundle', 'create', '--quiet', file, 'refs/heads/teko-result', `^${first}`]);
  const options = { runId: 'u1', base: first, ref: 'refs/heads/teko-result' };
  const error = await inTime(() => mirrors.importBundle('r1', readFileSync(file), options));
  expect(error).toBeInstanceOf(InvalidError);
  expect((error as Error).message).toContain('more than 200,000 files');
});

it('exported commits can be read by every user, without their history', async () => {
  const path = join(folder, 'exported');
  const mask = process.umask(0o077);
  await mirrors.exportCommits('r1', [first, last], path).finally(() => process.umask(mask));
  expect(execFileSync('find', [path, '!', '-perm', '-o=r']).toString()).toBe('');
  expect(execFileSync('find', [path, '-type', 'd', '!', '-perm', '-o=rx']).toString()).toBe('');
  expect(git(path, ['cat-file', '-t', last]).toString()).toBe('commit\n');
  expect(() => git(path, ['cat-file', '-e', bomb])).toThrow();
});

it('a commit is the same again, and merges keep both sides or tell conflicts', async () => {
  const commit = (files: Record<string, string>, parent: string) => {
    const lines = Object.entries(files).map(
      ([name, text]) => `100644 blob ${idOf(['hash-object', '-w', '--stdin'], text)}\t${name}\n`,
    );
    return idOf(['commit-tree', '-m', 'x', '-p', parent, idOf(['mktree'], lines.join(''))]);
  };
  const base = commit({ a: '1\n', b: '1\n' }, first);
  const ours = commit({ a: '2\n', b: '1\n' }, base);
  const theirs = commit({ a: '1\n', b: '2\n' }, base);
  const conflict = commit({ a: '3\n', b: '1\n' }, base);
  for (const [name, id] of Object.entries({ ours, theirs, conflict }))
    git(source, ['update-ref', `refs/heads/${name}`, id]);
  await mirrors.sync({ id: 'r1', url: source } as Repository);
  const merged = await mirrors.mergeTrees('r1', { base, ours, theirs });
  expect(merged).toBe(idOf(['rev-parse', `${commit({ a: '2\n', b: '2\n' }, base)}^{tree}`]));
  expect(await mirrors.mergeTrees('r1', { base, ours, theirs: conflict })).toBeNull();
  const options = {
    runId: 'u2',
    tree: merged!,
    parent: ours,
    message: 'Subject\n\nBody',
    date: new Date(1_700_000_000_000),
  };
  const created = await mirrors.createCommit('r1', options);
  expect(await mirrors.createCommit('r1', options)).toBe(created);
  expect(await mirrors.commitInfo('r1', created)).toEqual({ tree: merged, date: options.date });
  expect(await mirrors.isAncestor('r1', base, created)).toBe(true);
  expect(await mirrors.isAncestor('r1', created, base)).toBe(false);
  expect(await mirrors.isAncestor('r1', 'f'.repeat(40), 'f'.repeat(40))).toBe(false);
});
