import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, posix } from 'node:path';
import {
  InvalidError,
  UnavailableError,
  type ChangeDiff,
  type FileChanges,
  type GitCredentials,
  type GitMirrors,
  type Repository,
  type TreeEntry,
} from '@teko/domain';
import { refuseUnsafeTree } from './bundle-check';
import { changesUntil } from './changes';
import { parseDiff } from './diff';
import { git, masked, tryGit, type GitResult } from './git';
import { Remote, unreachable } from './remote';
import { checkSource, fetchUrl, isRemote } from './source-url';

const CLONE_TIMEOUT_MS = 600_000;
const MAX_BUNDLE_BYTES = 200 * 1024 * 1024;
const MAX_PATCH_BYTES = 2 * 1024 * 1024;
const WORKSPACE_DEPTH = '50';
const MAX_FETCHES = 5;

/** Bare mirrors in `<home>/repositories`. Upstream heads live in refs/upstream, so a fetch never touches Teko's branches. */
export class LocalGitMirrors implements GitMirrors {
  private readonly turns = new Map<string, Promise<unknown>>();
  private readonly remote: Remote;

  constructor(
    private readonly home: string,
    credentials?: GitCredentials,
  ) {
    this.remote = new Remote(credentials);
  }

  async checkUrl(url: string): Promise<void> {
    checkSource(url);
    const result = await this.remote.run(url, ['ls-remote', '--heads', '--', fetchUrl(url)], { timeoutMs: 30_000 });
    if (result.code !== 0) throw new InvalidError({ url: `cannot be read by git: ${masked(result.stderr)}` });
    if (result.stdout.length === 0) throw new InvalidError({ url: 'has no branch yet; push a commit first' });
  }

  sync(repository: Pick<Repository, 'id' | 'url'>): Promise<{ defaultBranch: string; headCommit: string }> {
    return this.inTurn(repository.id, async () => {
      checkSource(repository.url);
      const dir = this.dir(repository.id);
      const isTrusted = await this.remote.isTrusted(repository.url);
      if (existsSync(join(dir, 'HEAD'))) await this.follow(dir, repository.url, isTrusted);
      // Blobs that are fetched when they are needed would come without the credential.
      else await this.create(dir, fetchUrl(repository.url), isRemote(repository.url) && !isTrusted);
      await this.fetch(dir, repository.url, isTrusted);
      const defaultBranch = await this.defaultBranch(dir, repository.url, isTrusted);
      const headCommit = await this.resolve(repository.id, defaultBranch);
      if (!headCommit) throw new UnavailableError('git', `branch ${defaultBranch} of ${repository.url} has no commit`);
      return { defaultBranch, headCommit };
    });
  }

  async resolve(repositoryId: string, branch: string): Promise<string | null> {
    const result = await tryGit([
      '--git-dir',
      this.dir(repositoryId),
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `refs/upstream/${branch}^{commit}`,
    ]);
    return result.code === 0 ? result.stdout.toString().trim() : null;
  }

  async tree(repositoryId: string, commit: string): Promise<TreeEntry[]> {
    return this.entries(repositoryId, commit);
  }

  async blobs(repositoryId: string, ids: string[], maxBytes: number): Promise<Map<string, Buffer>> {
    const found = new Map<string, Buffer>();
    if (ids.length === 0) return found;
    const out = await git(['--git-dir', this.dir(repositoryId), 'cat-file', '--batch'], {
      input: `${ids.join('\n')}\n`,
    });
    let at = 0;
    while (at < out.length) {
      const end = out.indexOf(10, at);
      const [id = '', type, size] = out.subarray(at, end).toString().split(' ');
      at = end + 1;
      if (type === 'missing') continue;
      found.set(id, Buffer.from(out.subarray(at, at + Math.min(Number(size), maxBytes))));
      at += Number(size) + 1;
    }
    return found;
  }

  async checkout(repositoryId: string, commit: string, path: string): Promise<void> {
    if (existsSync(path)) throw new UnavailableError('git', `the workspace ${path} exists already`);
    const dir = this.dir(repositoryId);
    await git(['init', '--quiet', '--initial-branch=teko-work', path]);
    await git([
      '-C',
      path,
      '-c',
      'uploadpack.allowAnySHA1InWant=true',
      'fetch',
      '--quiet',
      '--depth',
      WORKSPACE_DEPTH,
      '--no-tags',
      `file://${dir}`,
      commit,
    ]);
    await git(['-C', path, 'checkout', '--quiet', '-B', 'teko-work', commit]);
  }

  importBundle(
    repositoryId: string,
    bundle: Buffer,
    options: { runId: string; base: string; ref: string },
  ): Promise<{ headCommit: string }> {
    if (bundle.length > MAX_BUNDLE_BYTES)
      throw new InvalidError({ change: `is larger than ${MAX_BUNDLE_BYTES / 1024 / 1024} MB` });
    return this.inTurn(repositoryId, async () => {
      const dir = this.dir(repositoryId);
      const folder = await mkdtemp(join(tmpdir(), 'teko-bundle-'));
      const quarantine = `refs/teko/quarantine/${options.runId}`;
      try {
        const file = join(folder, 'change.bundle');
        await writeFile(file, bundle);
        const fetched = await tryGit([
          '--git-dir',
          dir,
          'fetch',
          '--quiet',
          '--no-tags',
          '--no-write-fetch-head',
          file,
          `+${options.ref}:${quarantine}`,
        ]);
        if (fetched.code !== 0) throw new InvalidError({ change: `cannot be read: ${masked(fetched.stderr)}` });
        const headCommit = (await git(['--git-dir', dir, 'rev-parse', `${quarantine}^{commit}`])).toString().trim();
        await this.refuseUnsafe(repositoryId, options.base, headCommit);
        return { headCommit };
      } catch (error) {
        await tryGit(['--git-dir', dir, 'update-ref', '-d', quarantine]);
        throw error;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  }

  async diff(repositoryId: string, base: string, head: string): Promise<ChangeDiff> {
    const dir = this.dir(repositoryId);
    const range = [base, head];
    const plain = ['--no-ext-diff', '--no-textconv', '--no-color', '-M'];
    const [patch, raw, numstat] = await Promise.all([
      tryGit(['--git-dir', dir, 'diff', ...plain, ...range], { maxBytes: MAX_PATCH_BYTES }),
      git(['--git-dir', dir, 'diff', ...plain, '--raw', '-z', ...range]),
      git(['--git-dir', dir, 'diff', ...plain, '--numstat', '-z', ...range]),
    ]);
    return {
      patch: patch.stdout.toString(),
      truncated: patch.code !== 0,
      files: parseDiff(raw.toString(), numstat.toString()),
    };
  }

  fileChanges(repositoryId: string, commit: string, commits: number): Promise<Map<string, FileChanges>> {
    return changesUntil(this.dir(repositoryId), commit, commits);
  }

  async push(
    repository: Pick<Repository, 'id' | 'url'>,
    branch: string,
    commit: string,
    expected: string | null,
  ): Promise<void> {
    await this.remote.push(this.dir(repository.id), repository.url, branch, commit, expected);
  }

  upstreamCommit(repository: Pick<Repository, 'id' | 'url'>, branch: string): Promise<string | null> {
    return this.remote.tip(repository.url, branch);
  }

  async readFile(repositoryId: string, commit: string, path: string, maxBytes: number): Promise<string | null> {
    if (isAbsolute(path) || posix.normalize(path) !== path || /^\.\.(\/|$)/.test(path)) return null;
    const entries = await this.entries(repositoryId, commit, path);
    const file = entries.find((entry) => entry.path === path && entry.mode.startsWith('100'));
    if (!file || file.bytes > maxBytes) return null;
    const content = (await this.blobs(repositoryId, [file.blob], maxBytes)).get(file.blob);
    return content && !content.includes(0) ? content.toString() : null;
  }

  async remove(repositoryId: string): Promise<void> {
    await this.inTurn(repositoryId, () => rm(this.dir(repositoryId), { recursive: true, force: true }));
  }

  private dir(repositoryId: string): string {
    if (!/^[\w-]+$/.test(repositoryId)) throw new InvalidError({ repositoryId: 'is not an id' });
    return join(this.home, 'repositories', `${repositoryId}.git`);
  }

  private async entries(repositoryId: string, commit: string, path?: string): Promise<TreeEntry[]> {
    const command = ['--literal-pathspecs', '--git-dir', this.dir(repositoryId), 'ls-tree', '-r', '-l', '-z'];
    const out = await git([...command, '--full-tree', commit, ...(path === undefined ? [] : ['--', path])]);
    return out
      .toString()
      .split('\0')
      .filter(Boolean)
      .map((line) => {
        const tab = line.indexOf('\t');
        const [mode = '', , blob = '', bytes = '0'] = line.slice(0, tab).split(/ +/);
        return { path: line.slice(tab + 1), mode, blob, bytes: Number(bytes) || 0 };
      });
  }

  private async create(dir: string, url: string, blobless: boolean): Promise<void> {
    // Under another name until it is whole: a death in the middle leaves no half of it, and of two processes that
    // begin at once one is first.
    await mkdir(dirname(dir), { recursive: true });
    const half = await mkdtemp(`${dir}.new-`);
    await git(['init', '--quiet', '--bare', half]);
    const settings: Record<string, string> = {
      'remote.origin.url': url,
      'remote.origin.fetch': '+refs/heads/*:refs/upstream/*',
      'uploadpack.allowAnySHA1InWant': 'true',
      // Other processes write here too: git waits for their locks, in milliseconds.
      'core.filesRefLockTimeout': '10000',
      'core.packedRefsTimeout': '10000',
      ...(blobless ? { 'remote.origin.promisor': 'true', 'remote.origin.partialclonefilter': 'blob:none' } : {}),
    };
    for (const [key, value] of Object.entries(settings)) await git(['--git-dir', half, 'config', key, value]);
    await rename(half, dir).catch(async (error: Error) => {
      await rm(half, { recursive: true, force: true });
      if (!existsSync(join(dir, 'HEAD'))) throw error;
    });
  }

  /** Brings a mirror in step with its repository: the forge may have renamed it, or a credential may be there now. */
  private async follow(dir: string, url: string, isTrusted: boolean): Promise<void> {
    if ((await this.setting(dir, 'remote.origin.url')) !== fetchUrl(url)) {
      const moved = await tryGit(['--git-dir', dir, 'config', 'remote.origin.url', fetchUrl(url)]);
      // Another process may hold the lock to write the same.
      if (moved.code !== 0 && (await this.setting(dir, 'remote.origin.url')) !== fetchUrl(url))
        throw new UnavailableError('git', `the mirror cannot be pointed at ${url}: ${masked(moved.stderr)}`);
    }
    if (!isTrusted || (await this.setting(dir, 'remote.origin.promisor')) !== 'true') return;
    // First everything, then the setting: a death between the two fetches once more.
    await this.fetch(dir, url, isTrusted, ['--refetch', '--no-filter']);
    for (const key of ['remote.origin.partialclonefilter', 'remote.origin.promisor'])
      await tryGit(['--git-dir', dir, 'config', '--unset-all', key]);
  }

  private async setting(dir: string, key: string): Promise<string> {
    return (await tryGit(['--git-dir', dir, 'config', '--get', key])).stdout.toString().trim();
  }

  /** A branch that another process has just moved makes git refuse to move it too; then there is nothing left to do. */
  private async fetch(dir: string, url: string, isTrusted: boolean, more: string[] = []): Promise<void> {
    const options = ['--quiet', '--prune', '--no-tags', '--no-write-fetch-head', ...more];
    for (let tries = 1; ; tries++) {
      const command = ['--git-dir', dir, 'fetch', ...options, 'origin'];
      const fetched = await this.remote.run(url, command, { timeoutMs: CLONE_TIMEOUT_MS });
      if (fetched.code === 0) return;
      if (tries === MAX_FETCHES || !/cannot lock ref|unable to update local ref|\.lock/i.test(fetched.stderr))
        throw fetchError(fetched, isTrusted);
    }
  }

  private async defaultBranch(dir: string, url: string, isTrusted: boolean): Promise<string> {
    const asked = await this.remote.run(url, ['ls-remote', '--symref', '--', fetchUrl(url), 'HEAD']);
    if (asked.code !== 0) throw fetchError(asked, isTrusted);
    const named = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(asked.stdout.toString())?.[1];
    if (
      named &&
      (await tryGit(['--git-dir', dir, 'rev-parse', '--verify', '--quiet', `refs/upstream/${named}`])).code === 0
    )
      return named;
    const refs = (await git(['--git-dir', dir, 'for-each-ref', '--format=%(refname)', 'refs/upstream']))
      .toString()
      .split('\n');
    const names = refs.filter(Boolean).map((ref) => ref.slice('refs/upstream/'.length));
    const first = ['main', 'master'].find((name) => names.includes(name)) ?? names[0];
    if (!first) throw new UnavailableError('git', 'the repository has no branch yet');
    return first;
  }

  private async refuseUnsafe(repositoryId: string, base: string, head: string): Promise<void> {
    const ancestor = await tryGit(['--git-dir', this.dir(repositoryId), 'merge-base', '--is-ancestor', base, head]);
    if (ancestor.code !== 0) throw new InvalidError({ change: 'does not stand on the commit it was started from' });
    const [before, after] = await Promise.all([this.tree(repositoryId, base), this.tree(repositoryId, head)]);
    await refuseUnsafeTree(before, after, (ids) => this.blobs(repositoryId, ids, 4096));
  }

  private inTurn<T>(repositoryId: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.turns.get(repositoryId) ?? Promise.resolve()).then(work);
    this.turns.set(
      repositoryId,
      turn.catch(() => undefined),
    );
    return turn;
  }
}

function fetchError(result: GitResult, isTrusted: boolean): UnavailableError {
  if (isTrusted) return unreachable(result, 'fetched');
  return new UnavailableError('git', `the repository cannot be fetched: ${masked(result.stderr)}`);
}
