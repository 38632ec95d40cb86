import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, posix } from 'node:path';
import { Logger } from '@nestjs/common';
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
import { requireBundle } from './bundle';
import { commitInfo, createCommit, exportCommits, isAncestor, mergeTrees } from './commits';
import { listNames, listTree } from './list-tree';
import { RecentTrees } from './recent-trees';
import { rejectUnsafeTree } from './unsafe-tree';
import { countFileChanges } from './file-changes';
import { parseDiff } from './diff';
import { git, shortError, tryGit, type GitResult } from './git';
import { Remote, remoteError } from './remote';
import { SourceRules, UNREADABLE, type SourceOptions } from './source-rules';

const CLONE_TIMEOUT_MS = 600_000;
const MAX_BUNDLE_BYTES = 200 * 1024 * 1024;
const MAX_PATCH_BYTES = 2 * 1024 * 1024;
const WORKSPACE_DEPTH = '50';
const MAX_FETCHES = 5;
const MAX_LINK_BYTES = 4_096;
const MAX_REMEMBERED = 1_000;
const REFSPEC = '+refs/heads/*:refs/upstream/*';

/** Bare mirrors in `<home>/repositories`. Branches of the remote repository are stored in refs/upstream, so a fetch never changes Teko's branches. */
export class LocalGitMirrors implements GitMirrors {
  private readonly queues = new Map<string, Promise<unknown>>();
  private readonly listable = new Set<string>();
  private readonly recent = new RecentTrees();
  private readonly remote: Remote;
  private readonly logger = new Logger('Git');

  constructor(
    private readonly home: string,
    credentials?: GitCredentials,
    sources: Omit<SourceOptions, 'home'> = {},
  ) {
    this.remote = new Remote(new SourceRules({ ...sources, home }), credentials);
  }

  async checkUrl(url: string): Promise<void> {
    const list = (from: string) => ['ls-remote', '--heads', '--', from];
    const result = await this.remote.run(url, list, { timeoutMs: 30_000 }).catch((error: unknown) => {
      if (error instanceof UnavailableError) throw new InvalidError({ url: UNREADABLE });
      throw error;
    });
    if (result.code !== 0) {
      this.logger.warn(`${url} cannot be read: ${shortError(result.stderr)}`);
      throw new InvalidError({ url: UNREADABLE });
    }
    if (result.stdout.length === 0) throw new InvalidError({ url: 'has no branches; push a commit first' });
  }

  sync(repository: Pick<Repository, 'id' | 'url'>): Promise<{ defaultBranch: string; headCommit: string }> {
    return this.serialize(repository.id, async () => {
      const dir = this.dir(repository.id);
      const hasCredential = await this.remote.hasCredential(repository.url);
      const exists = existsSync(join(dir, 'HEAD'));
      if (!exists) await this.create(dir);
      await this.fetch(dir, repository.url, hasCredential);
      if (exists) await this.completePartialClone(dir, repository.url, hasCredential);
      const defaultBranch = await this.defaultBranch(dir, repository.url, hasCredential);
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
    const known = this.recent.get(repositoryId, commit);
    if (known) return [...known];
    const tree = await listTree(this.dir(repositoryId), commit);
    this.recent.keep(repositoryId, commit, tree);
    return [...tree];
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
    if (existsSync(path)) throw new UnavailableError('git', `the workspace ${path} already exists`);
    const dir = this.dir(repositoryId);
    await this.requireListable(repositoryId, commit);
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
    await git(['-C', path, 'checkout', '--quiet', '-B', 'teko-work', commit], { isReadable: true });
  }

  async exportCommits(repositoryId: string, commits: string[], path: string): Promise<void> {
    await exportCommits(this.dir(repositoryId), commits, path);
  }

  async importBundle(
    repositoryId: string,
    bundle: Buffer,
    options: { runId: string; base: string; ref: string },
  ): Promise<{ headCommit: string }> {
    if (bundle.length > MAX_BUNDLE_BYTES)
      throw new InvalidError({ change: `is larger than ${MAX_BUNDLE_BYTES / 1024 / 1024} MB` });
    const pack = requireBundle(bundle, options);
    return this.serialize(repositoryId, async () => {
      const dir = this.dir(repositoryId);
      const folder = await mkdtemp(join(tmpdir(), 'teko-bundle-'));
      const quarantine = `refs/teko/quarantine/${options.runId}`;
      try {
        const file = join(folder, 'change.bundle');
        await writeFile(file, bundle);
        const fetch = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', file, `+${options.ref}:${quarantine}`];
        // A fetch from a bundle does not check the objects; it finds them here and checks that none is missing.
        const indexed = await this.fromBundle(dir, ['index-pack', '--stdin', '--fix-thin', '--fsck-objects'], pack);
        const fetched = indexed.code === 0 ? await this.fromBundle(dir, fetch) : indexed;
        if (fetched.code !== 0)
          throw new InvalidError({ change: `is not a valid bundle: ${shortError(fetched.stderr)}` });
        const headCommit = (await git(['--git-dir', dir, 'rev-parse', `${quarantine}^{commit}`])).toString().trim();
        await this.rejectUnsafe(repositoryId, options.base, headCommit);
        return { headCommit };
      } catch (error) {
        await tryGit(['--git-dir', dir, 'update-ref', '-d', quarantine]);
        throw error;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  }

  createCommit(
    repositoryId: string,
    { runId, ...commit }: { runId: string; tree: string; parent: string; message: string; date: Date },
  ): Promise<string> {
    return createCommit(this.dir(repositoryId), { ...commit, ref: `refs/teko/runs/${runId}` });
  }

  async mergeTrees(
    repositoryId: string,
    trees: { base: string; ours: string; theirs: string },
  ): Promise<string | null> {
    await this.requireListable(repositoryId, trees.ours);
    return mergeTrees(this.dir(repositoryId), trees);
  }

  commitInfo(repositoryId: string, commit: string): Promise<{ tree: string; date: Date }> {
    return commitInfo(this.dir(repositoryId), commit);
  }

  isAncestor(repositoryId: string, ancestor: string, commit: string): Promise<boolean> {
    return isAncestor(this.dir(repositoryId), ancestor, commit);
  }

  async diff(repositoryId: string, base: string, head: string): Promise<ChangeDiff> {
    const dir = this.dir(repositoryId);
    const range = [base, head];
    for (const commit of range) await this.requireListable(repositoryId, commit);
    const plain = ['--no-ext-diff', '--no-textconv', '--no-color', '-M'];
    const [patch, raw, numstat] = await Promise.all([
      tryGit(['--git-dir', dir, '-c', 'core.quotePath=false', 'diff', ...plain, ...range], {
        maxBytes: MAX_PATCH_BYTES,
      }),
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
    return countFileChanges(this.dir(repositoryId), commit, commits);
  }

  async push(
    repository: Pick<Repository, 'id' | 'url'>,
    branch: string,
    commit: string,
    expected: string | null,
  ): Promise<void> {
    await this.remote.push(this.dir(repository.id), repository.url, branch, commit, expected);
  }

  remoteCommit(repository: Pick<Repository, 'id' | 'url'>, branch: string): Promise<string | null> {
    return this.remote.tip(repository.url, branch);
  }

  async readFile(repositoryId: string, commit: string, path: string, maxBytes: number): Promise<string | null> {
    if (isAbsolute(path) || posix.normalize(path) !== path || /^\.\.(\/|$)/.test(path)) return null;
    const known = this.recent.get(repositoryId, commit);
    const entries = known ?? (await listTree(this.dir(repositoryId), commit, path));
    const file = entries.find((entry) => entry.path === path && entry.mode.startsWith('100'));
    if (!file || file.bytes > maxBytes) return null;
    const content = (await this.blobs(repositoryId, [file.blob], maxBytes)).get(file.blob);
    return content && !content.includes(0) ? content.toString() : null;
  }

  async remove(repositoryId: string): Promise<void> {
    await this.serialize(repositoryId, () => rm(this.dir(repositoryId), { recursive: true, force: true }));
  }

  private dir(repositoryId: string): string {
    if (!/^[\w-]+$/.test(repositoryId)) throw new InvalidError({ repositoryId: 'is not an id' });
    return join(this.home, 'repositories', `${repositoryId}.git`);
  }

  private async create(dir: string): Promise<void> {
    // Created under a temporary name, so that a crash leaves no incomplete mirror and one of two concurrent processes wins.
    await mkdir(dirname(dir), { recursive: true });
    const temporary = await mkdtemp(`${dir}.new-`);
    await git(['init', '--quiet', '--bare', temporary]);
    const settings: Record<string, string> = {
      'uploadpack.allowAnySHA1InWant': 'true',
      // Milliseconds that git waits for the locks of other processes.
      'core.filesRefLockTimeout': '10000',
      'core.packedRefsTimeout': '10000',
    };
    for (const [key, value] of Object.entries(settings)) await git(['--git-dir', temporary, 'config', key, value]);
    await rename(temporary, dir).catch(async (error: Error) => {
      await rm(temporary, { recursive: true, force: true });
      if (!existsSync(join(dir, 'HEAD'))) throw error;
    });
  }

  /** Fetches the missing blobs of mirrors that earlier versions cloned without them: git must not connect to a server on its own. */
  private async completePartialClone(dir: string, url: string, hasCredential: boolean): Promise<void> {
    if ((await this.setting(dir, 'remote.origin.promisor')) !== 'true') return;
    // The settings are removed last, so that a crash in between only repeats the fetch.
    await this.fetch(dir, url, hasCredential, ['--refetch', '--no-filter']);
    for (const key of ['remote.origin.partialclonefilter', 'remote.origin.promisor'])
      await tryGit(['--git-dir', dir, 'config', '--unset-all', key]);
  }

  private async setting(dir: string, key: string): Promise<string> {
    return (await tryGit(['--git-dir', dir, 'config', '--get', key])).stdout.toString().trim();
  }

  /** Retries if another process updates the same branches at the same time. */
  private async fetch(dir: string, url: string, hasCredential: boolean, more: string[] = []): Promise<void> {
    const options = ['--quiet', '--prune', '--no-tags', '--no-write-fetch-head', ...more];
    for (let attempt = 1; ; attempt++) {
      const command = (from: string) => ['--git-dir', dir, 'fetch', ...options, '--', from, REFSPEC];
      const fetched = await this.remote.run(url, command, { timeoutMs: CLONE_TIMEOUT_MS });
      if (fetched.code === 0) return;
      if (attempt === MAX_FETCHES || !/cannot lock ref|unable to update local ref|\.lock/i.test(fetched.stderr))
        throw this.fetchError(url, fetched, hasCredential);
    }
  }

  private async defaultBranch(dir: string, url: string, hasCredential: boolean): Promise<string> {
    const listed = await this.remote.run(url, (from) => ['ls-remote', '--symref', '--', from, 'HEAD']);
    if (listed.code !== 0) throw this.fetchError(url, listed, hasCredential);
    const head = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(listed.stdout.toString())?.[1];
    if (
      head &&
      (await tryGit(['--git-dir', dir, 'rev-parse', '--verify', '--quiet', `refs/upstream/${head}`])).code === 0
    )
      return head;
    const refs = (await git(['--git-dir', dir, 'for-each-ref', '--format=%(refname)', 'refs/upstream']))
      .toString()
      .split('\n');
    const names = refs.filter(Boolean).map((ref) => ref.slice('refs/upstream/'.length));
    const first = ['main', 'master'].find((name) => names.includes(name)) ?? names[0];
    if (!first) throw new UnavailableError('git', 'the repository has no branches');
    return first;
  }

  private async rejectUnsafe(repositoryId: string, base: string, head: string): Promise<void> {
    const dir = this.dir(repositoryId);
    if (!(await isAncestor(dir, base, head)))
      throw new InvalidError({ change: 'is not based on the commit that the run started from' });
    const before = await this.tree(repositoryId, base);
    const after = await this.tree(repositoryId, head).catch((error: Error) => {
      throw new InvalidError({ change: error.message });
    });
    await rejectUnsafeTree(before, after, (ids) => this.blobs(repositoryId, ids, MAX_LINK_BYTES));
  }

  /** Throws UnavailableError if a commit has too many files for git to compare or check out. */
  private async requireListable(repositoryId: string, commit: string): Promise<void> {
    const key = `${repositoryId} ${commit}`;
    if (this.listable.has(key) || this.recent.get(repositoryId, commit)) return;
    await listNames(this.dir(repositoryId), commit);
    if (this.listable.size >= MAX_REMEMBERED) this.listable.clear();
    this.listable.add(key);
  }

  private fromBundle(dir: string, command: string[], input?: Buffer): Promise<GitResult> {
    return tryGit(['--git-dir', dir, ...command], { input, allocationLimit: MAX_BUNDLE_BYTES });
  }

  private serialize<T>(repositoryId: string, work: () => Promise<T>): Promise<T> {
    const result = (this.queues.get(repositoryId) ?? Promise.resolve()).then(work);
    this.queues.set(
      repositoryId,
      result.catch(() => undefined),
    );
    return result;
  }

  /** Only the log tells why a repository without a credential cannot be read: users choose its URL. */
  private fetchError(url: string, result: GitResult, hasCredential: boolean): UnavailableError {
    if (hasCredential) return remoteError(result, 'fetch');
    this.logger.warn(`${url} cannot be read: ${shortError(result.stderr)}`);
    return new UnavailableError('git', UNREADABLE);
  }
}
