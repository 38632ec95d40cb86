import { chmod, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UnavailableError } from '@teko/domain';
import { git, tryGit, type Setting } from './git';

const AUTHOR: Setting[] = [
  ['user.name', 'Teko'],
  ['user.email', 'teko@localhost'],
];
const MERGE_TIMEOUT_MS = 60_000;

/** Creates a bare repository in the new folder `path` with these commits, without their history. Every user can read it. */
export async function exportCommits(dir: string, commits: string[], path: string): Promise<void> {
  const temporary = `${path}.new`;
  await rm(temporary, { recursive: true, force: true });
  await git(['init', '--quiet', '--bare', '--template=', temporary]);
  const fetch = [
    '--git-dir',
    temporary,
    '-c',
    'uploadpack.allowAnySHA1InWant=true',
    'fetch',
    '--quiet',
    '--depth',
    '1',
  ];
  await git([...fetch, '--no-tags', '--no-write-fetch-head', `file://${dir}`, ...new Set(commits)]);
  await makeReadable(temporary);
  await rename(temporary, path);
}

/** Folders that a umask made private are opened: the user of a sandbox reads them. */
async function makeReadable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await makeReadable(path);
    else await chmod(path, 0o644);
  }
}

/** Creates a commit of a tree by Teko and lets `ref` point to it. The same arguments make the same commit. */
export async function createCommit(
  dir: string,
  { tree, parent, message, date, ref }: { tree: string; parent: string; message: string; date: Date; ref: string },
): Promise<string> {
  const args = ['--git-dir', dir, 'commit-tree', '--no-gpg-sign', '-p', parent, '-F', '-', `${tree}^{tree}`];
  const input = `${message.replaceAll('\0', '').trimEnd()}\n`;
  const commit = await git(args, { input, settings: AUTHOR, date: gitDate(date) });
  const id = commit.toString().trim();
  await git(['--git-dir', dir, 'update-ref', ref, id]);
  return id;
}

/** Applies the changes from commit `base` to tree `theirs` to commit `ours`. Returns the tree, or null on conflicts. */
export async function mergeTrees(
  dir: string,
  { base, ours, theirs }: { base: string; ours: string; theirs: string },
): Promise<string | null> {
  // Commits with only this base, so that nothing else in the history counts.
  const side = async (tree: string) => {
    const args = ['--git-dir', dir, 'commit-tree', '--no-gpg-sign', '-p', base, '-m', 'side', `${tree}^{tree}`];
    return (await git(args, { settings: AUTHOR, date: gitDate(new Date(0)) })).toString().trim();
  };
  const sides = [await side(ours), await side(theirs)];
  const args = ['--git-dir', dir, 'merge-tree', '--write-tree', '--no-messages', '--name-only', ...sides];
  const merged = await tryGit(args, { timeoutMs: MERGE_TIMEOUT_MS, maxBytes: 1024 * 1024 });
  return merged.code === 0 ? merged.stdout.toString().trim() : null;
}

/** Returns the tree of a commit and its date. Throws UnavailableError if there is no such commit. */
export async function commitInfo(dir: string, commit: string): Promise<{ tree: string; date: Date }> {
  const format = ['show', '--no-patch', '--no-show-signature', '--format=%T %ct', '--end-of-options'];
  const shown = await tryGit(['--git-dir', dir, ...format, `${commit}^{commit}`]);
  const [tree, seconds] = shown.stdout.toString().trim().split(' ');
  if (shown.code !== 0 || !tree) throw new UnavailableError('git', `commit ${commit} is not in the mirror`);
  return { tree, date: new Date(Number(seconds) * 1000) };
}

export async function isAncestor(dir: string, ancestor: string, commit: string): Promise<boolean> {
  return (await tryGit(['--git-dir', dir, 'merge-base', '--is-ancestor', ancestor, commit])).code === 0;
}

function gitDate(date: Date): string {
  return `@${Math.floor(date.getTime() / 1000)} +0000`;
}
