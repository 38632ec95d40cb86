import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConflictError, InvalidError, type Repository } from '@teko/domain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRepository, type CommitContent } from './create-repository';
import { LocalForge } from './forge';
import { LocalGitMirrors } from './mirrors';

let folder: string;
let source: string;
let mirrors: LocalGitMirrors;
let forge: LocalForge;
let repository: Repository;

const run = (cwd: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@localhost', ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1e8,
  });
const commit = (cwd: string, files: Record<string, string>, message = 'work') => {
  for (const [path, text] of Object.entries(files)) writeFileSync(join(cwd, path), text);
  run(cwd, 'add', '-A');
  run(cwd, 'commit', '-qm', message);
  return run(cwd, 'rev-parse', 'HEAD').toString().trim();
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'teko-git-'));
  source = join(folder, 'source');
  run(folder, 'init', '-q', '--initial-branch=trunk', source);
  commit(source, { 'a.txt': 'one\n', 'ü b.txt': 'two\n' });
  mirrors = new LocalGitMirrors(join(folder, 'home'));
  forge = new LocalForge(join(folder, 'home'));
  repository = { id: 'r1', url: source } as Repository;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Checks out the head, runs `work` in it, and returns the bundle of the result. */
async function bundleOf(work: (workspace: string) => void) {
  const { headCommit: base } = await mirrors.sync(repository);
  const workspace = join(folder, 'workspace');
  await mirrors.checkout('r1', base, workspace);
  work(workspace);
  run(workspace, 'add', '-A');
  run(workspace, 'commit', '-q', '--allow-empty', '-m', 'result');
  return { base, bundle: run(workspace, 'bundle', 'create', '-', `${base}..teko-work`) };
}
const importOf = async (work: (workspace: string) => void) => {
  const { base, bundle } = await bundleOf(work);
  return { base, ...(await mirrors.importBundle('r1', bundle, { runId: 'u1', base, ref: 'refs/heads/teko-work' })) };
};

describe('mirrors', () => {
  it.each([
    '',
    'relative/path',
    '--upload-pack=x',
    'ext::sh -c id',
    'https://user:secret@host/x',
    'ftp://host/x',
    '/nowhere/at/all',
  ])('rejects %s as a URL', async (url) => {
    await expect(mirrors.checkUrl(url)).rejects.toThrow(InvalidError);
    await mirrors.checkUrl(url).catch((error: Error) => expect(error.message).not.toContain('secret'));
  });

  it('syncs with the source and keeps Teko’s own branches', async () => {
    await mirrors.checkUrl(source);
    const first = await mirrors.sync(repository);
    expect(first.defaultBranch).toBe('trunk');
    await forge.pushBranch(repository, 'teko/1-x', first.headCommit, null);
    const next = commit(source, { 'a.txt': 'changed\n' });
    expect((await mirrors.sync(repository)).headCommit).toBe(next);
    expect(await forge.branchCommit(repository, 'teko/1-x')).toBe(first.headCommit);
    expect(await mirrors.resolve('r1', 'teko/1-x')).toBeNull();
  });

  it('syncs in several processes at once', async () => {
    for (const content of ['first\n', 'second\n', 'third\n']) {
      const tip = commit(source, { 'a.txt': content });
      const others = Array.from({ length: 6 }, () => new LocalGitMirrors(join(folder, 'home')));
      const synced = await Promise.all(others.map((other) => other.sync(repository)));
      expect(synced.map(({ headCommit }) => headCommit)).toEqual(others.map(() => tip));
    }
  });

  it('lists the tree and reads blobs, truncated at the limit', async () => {
    const { headCommit } = await mirrors.sync(repository);
    const tree = await mirrors.tree('r1', headCommit);
    expect(tree.map(({ path, bytes }) => [path, bytes])).toEqual([
      ['a.txt', 4],
      ['ü b.txt', 4],
    ]);
    const blobs = await mirrors.blobs('r1', [...tree.map(({ blob }) => blob), '0'.repeat(40)], 2);
    expect([...blobs.values()].map(String)).toEqual(['on', 'tw']);
  });

  it('reads a text file, and returns null for everything else', async () => {
    symlinkSync('a.txt', join(source, 'link'));
    commit(source, { '*.md': 'star', 'b.md': 'b', binary: 'a\0b' });
    const { headCommit } = await mirrors.sync(repository);
    const text = (path: string, maxBytes = 10) => mirrors.readFile('r1', headCommit, path, maxBytes);
    expect(await Promise.all(['*.md', 'ü b.txt', 'a.txt'].map((path) => text(path)))).toEqual([
      'star',
      'two\n',
      'one\n',
    ]);
    const none = await Promise.all(
      ['link', 'binary', 'nowhere', '.', ':/a.txt', '../a.txt', '/a.txt'].map((path) => text(path)),
    );
    expect([...none, await text('a.txt', 3)]).toEqual(Array.from({ length: 8 }, () => null));
  });

  it('imports a bundle and returns its diff', async () => {
    const { base, headCommit } = await importOf((workspace) => {
      writeFileSync(join(workspace, 'a.txt'), 'one\nmore\n');
      run(workspace, 'mv', 'ü b.txt', 'c.txt');
    });
    const diff = await mirrors.diff('r1', base, headCommit);
    expect(diff.patch).toContain('+more');
    expect(diff.files).toEqual([
      { path: 'a.txt', oldPath: null, status: 'modified', additions: 1, deletions: 0, binary: false },
      { path: 'c.txt', oldPath: 'ü b.txt', status: 'renamed', additions: 0, deletions: 0, binary: false },
    ]);
  });
});

describe('importBundle rejects', () => {
  it.each<[string, (workspace: string) => void, RegExp]>([
    [
      'a link out of the repository',
      (workspace) => symlinkSync('../../etc/passwd', join(workspace, 'link')),
      /points outside/,
    ],
    ['an absolute link', (workspace) => symlinkSync('/etc/passwd', join(workspace, 'link')), /points outside/],
    [
      'a submodule',
      (workspace) => (run(workspace, 'init', '-q', 'sub'), void commit(join(workspace, 'sub'), { x: '1' })),
      /submodule/,
    ],
    [
      'another history',
      (workspace) => {
        run(workspace, 'checkout', '-q', '--orphan', 'other');
        run(workspace, 'commit', '-qm', 'x');
        run(workspace, 'branch', '-f', 'teko-work', 'HEAD');
      },
      /is not based on/,
    ],
    [
      'a malformed commit, which a fetch from a bundle accepts',
      (workspace) => {
        const text = (ref: string) => run(workspace, 'rev-parse', ref).toString().trim();
        const lines = [
          `tree ${text('HEAD^{tree}')}`,
          `parent ${text('HEAD')}`,
          'author A 1 +0000',
          'committer A 1 +0000',
          '',
          'x',
        ];
        writeFileSync(join(folder, 'commit'), lines.join('\n'));
        const id = run(workspace, 'hash-object', '-t', 'commit', '-w', '--literally', join(folder, 'commit'));
        run(workspace, 'reset', '-q', '--hard', id.toString().trim());
      },
      /missingEmail/,
    ],
    [
      'a tree with two entries of one name',
      (workspace) => {
        const blob = run(workspace, 'rev-parse', 'HEAD:a.txt').toString().trim();
        const entry = Buffer.concat([Buffer.from('100644 a.txt\0'), Buffer.from(blob, 'hex')]);
        writeFileSync(join(folder, 'tree'), Buffer.concat([entry, entry]));
        const tree = run(workspace, 'hash-object', '-t', 'tree', '-w', '--literally', join(folder, 'tree'))
          .toString()
          .trim();
        const id = run(workspace, 'commit-tree', tree, '-p', 'HEAD', '-m', 'x').toString().trim();
        run(workspace, 'update-ref', 'refs/heads/teko-work', id);
        run(workspace, 'checkout', '-q', '-f', '--detach', 'HEAD~1');
      },
      /duplicateEntries/,
    ],
  ])('%s', async (_what, work, message) => {
    await expect(importOf(work)).rejects.toThrow(message);
  });

  it('invalid bundles', async () => {
    const { headCommit: base } = await mirrors.sync(repository);
    const garbage = mirrors.importBundle('r1', Buffer.from('garbage'), { runId: 'u1', base, ref: 'refs/heads/x' });
    await expect(garbage).rejects.toThrow(InvalidError);
  });
});

it('runs no programs configured in the source or in a workspace', async () => {
  const canary = join(folder, 'canary');
  const attack = `touch ${canary}`;
  commit(source, { '.gitattributes': '* filter=evil diff=evil\n' });
  for (const [key, value] of [
    ['filter.evil.smudge', attack],
    ['filter.evil.clean', attack],
    ['diff.evil.textconv', attack],
    ['core.fsmonitor', attack],
    ['uploadpack.packObjectsHook', attack],
  ])
    run(source, 'config', key!, value!);
  writeFileSync(join(source, '.git/hooks/post-checkout'), `#!/bin/sh\n${attack}\n`, { mode: 0o755 });
  const { headCommit } = await mirrors.sync(repository);
  await mirrors.checkout('r1', headCommit, join(folder, 'workspace'));
  await mirrors.diff('r1', headCommit, headCommit);
  expect(existsSync(canary)).toBe(false);
  expect(readFileSync(join(folder, 'workspace/a.txt'), 'utf8')).toBe('one\n');
});

it('LocalForge writes only branches below teko/, and does not overwrite concurrent changes', async () => {
  const { headCommit } = await mirrors.sync(repository);
  await expect(forge.pushBranch(repository, 'main', headCommit, null)).rejects.toThrow(InvalidError);
  await forge.pushBranch(repository, 'teko/1-x', headCommit, null);
  await forge.pushBranch(repository, 'teko/1-x', headCommit, null);
  const next = commit(source, { 'a.txt': 'x' });
  await mirrors.sync(repository);
  await expect(forge.pushBranch(repository, 'teko/1-x', next, null)).rejects.toThrow(ConflictError);
  await forge.pushBranch(repository, 'teko/1-x', next, headCommit);
  expect(await forge.branchCommit(repository, 'teko/1-x')).toBe(next);
});

it('createRepository creates commits with their dates and author', async () => {
  const path = join(folder, 'created');
  writeFileSync(path, 'replaced');
  const commits: CommitContent[] = [
    { message: 'One', date: '2025-03-03T09:12:00Z', files: { 'a.txt': 'a\n', 'src/b.txt': 'b\n' } },
    { message: 'Two', date: '2025-03-04T10:00:00Z', files: { 'a.txt': null } },
  ];
  await createRepository(path, commits, { name: 'Demo', email: 'demo@localhost' });
  const [first, second] = commits.map(({ date }) => Date.parse(date) / 1000);
  expect(run(path, 'log', '--format=%s|%an|%ce|%at|%ct', 'main').toString().trim().split('\n')).toEqual([
    `Two|Demo|demo@localhost|${second}|${second}`,
    `One|Demo|demo@localhost|${first}|${first}`,
  ]);
  expect(run(path, 'ls-files').toString()).toBe('src/b.txt\n');
  expect(run(path, 'status', '--porcelain').toString()).toBe('');
});
