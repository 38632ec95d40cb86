import { codeSpan } from '../text/untrusted-text';
import { foldName } from '../text/folded-path';
import { isReservedName } from './reserved-names';

/** How the files of a work tree differ from the commit that was checked out. Names of folders end with a slash. */
export interface WorkTree {
  /** Tracked files with another content, mode or type. */
  changed: string[];
  /** Tracked files that do not exist any more. */
  deleted: string[];
  /** Untracked files and folders that are not ignored. */
  untracked: string[];
  /** The untracked files among the requested ones, in requested folders too. A nested repository is listed as a folder. */
  requested: { path: string; isIgnored: boolean }[];
  /** Deleted files whose content is now in an untracked file. */
  renamed: { from: string; to: string }[];
  /** Untracked folders that are repositories of their own. */
  repositories: string[];
}

/** A new file that the agent wants in the change although no edit tool wrote it. */
export interface NewFile {
  path: string;
  reason: string;
}

/** What a result consists of, besides the unchanged files. */
export interface SelectedFiles {
  add: string[];
  remove: string[];
  leftOut: LeftOutFile[];
}

export interface LeftOutFile {
  /** A folder ends with a slash. */
  path: string;
  reason: LeftOutReason;
}

export type LeftOutReason = keyof typeof LEFT_OUT_REASONS;

/** Why files are not part of a result. */
export const LEFT_OUT_REASONS = {
  secret: 'can contain secrets',
  system: 'belongs to an editor or the operating system',
  generated: 'is generated or installed',
  repository: 'is a repository of its own',
  reserved: 'has a name that git reserves',
  ignored: 'is ignored by git',
  rejected: 'must not be part of a change',
  untracked: 'is new, but was not written by an edit tool or named as a new file',
} as const;

const MAX_NAMED = 20;
const MAX_NAME_LENGTH = 200;

/** Returns a sentence in Markdown that names files that are not part of a result, or an empty text. */
export function leftOutText(leftOut: LeftOutFile[]): string {
  if (leftOut.length === 0) return '';
  const named = leftOut
    .slice(0, MAX_NAMED)
    .map(({ path, reason }) => `${codeSpan(path, MAX_NAME_LENGTH)} ${LEFT_OUT_REASONS[reason]}`);
  const more = leftOut.length > MAX_NAMED ? `; and ${leftOut.length - MAX_NAMED} more` : '';
  return `Not part of the change: ${named.join('; ')}${more}.`;
}

const GENERATED_FOLDERS = new Set([
  ...['node_modules', 'bower_components', '.pnpm-store', 'target', 'dist', 'coverage', '.nyc_output'],
  ...['venv', '.venv', '__pycache__', '.pytest_cache', '.mypy_cache', '.ruff_cache', '.tox', '.nox', '.eggs'],
  ...['.gradle', '.next', '.nuxt', '.turbo', '.parcel-cache', '.phpunit.cache', '.bundle', '.ipynb_checkpoints'],
]);
const GENERATED_FILES =
  /^(.*\.py[co]|\.phpunit\.result\.cache|\.coverage|\.eslintcache|.*\.tsbuildinfo|npm-debug\.log)$/;
const SYSTEM_FOLDERS = new Set(['.idea', '.fleet', '.vs', '.history', '__macosx', '.trashes', '.spotlight-v100']);
const SYSTEM_FILES = /^(\.ds_store|\._.*|thumbs\.db|desktop\.ini|.*\.sw[a-p]|.*~|\.#.*|#.*#|.*\.sublime-workspace)$/;
const SECRET_FOLDERS = new Set(['.ssh', '.gnupg', '.aws', '.kube']);
const SECRET_FILES = new RegExp(
  `^(${[
    '\\.env(\\..*)?',
    'id_(rsa|dsa|ecdsa|ed25519)(_sk)?',
    '.*\\.(pem|key|p12|pfx|ppk|jks|keystore|kdbx)',
    '\\.(netrc|pgpass|git-credentials|htpasswd|dockercfg)',
  ].join('|')})$`,
);

/**
 * Chooses the files of a result: all changes of tracked files, and new files that an edit tool wrote, that the agent named, or
 * that a tracked file was renamed to. Secrets, generated files and those of editors are never chosen, unless they are tracked.
 */
export function selectFiles(
  tree: WorkTree,
  { edited, named, tracked }: { edited: string[]; named: NewFile[]; tracked: ReadonlySet<string> },
): SelectedFiles {
  const folders = foldersOf(tracked);
  const namedPaths = named.map(({ path }) => path.replace(/\/+$/, ''));
  const isNamed = (path: string) =>
    namedPaths.some((name) => name === '.' || path === name || path.startsWith(`${name}/`));
  const isEdited = new Set(edited);
  const hasRepository = (folder: string) => tree.repositories.some((path) => path.startsWith(folder));
  const add = new Set(tree.changed);
  const leftOut = new Map<string, LeftOutReason>();
  const refusedReason = (path: string) =>
    path.endsWith('/') && hasRepository(path) ? 'repository' : neverDelivered(path, (folder) => folders.has(folder));

  for (const { path, isIgnored } of tree.requested) {
    const reason = path.endsWith('/') ? 'repository' : refusedReason(path);
    if (reason) leftOut.set(path, reason);
    else if (isIgnored && !isNamed(path)) leftOut.set(path, 'ignored');
    else if (isEdited.has(path) || isNamed(path)) add.add(path);
  }
  for (const { to } of tree.renamed) if (!refusedReason(to)) add.add(to);
  for (const path of tree.untracked) if (!add.has(path)) leftOut.set(path, refusedReason(path) ?? 'untracked');

  const remove = tree.deleted.filter((path) => !add.has(path));
  return { add: [...add], remove, leftOut: summarize(leftOut, [...add]) };
}

/** Returns why an untracked file is never part of a result, or null. `isTracked` says whether a folder has tracked files. */
function neverDelivered(path: string, isTracked: (folder: string) => boolean): LeftOutReason | null {
  const isFolder = path.endsWith('/');
  const names = path.replace(/\/$/, '').split('/');
  if (names.some(isReservedName)) return 'reserved';
  const folded = names.map(foldName);
  const folders = isFolder ? folded : folded.slice(0, -1);
  for (const [i, name] of folders.entries()) {
    if (SECRET_FOLDERS.has(name)) return 'secret';
    if (SYSTEM_FOLDERS.has(name)) return 'system';
    if (GENERATED_FOLDERS.has(name) && !isTracked(names.slice(0, i + 1).join('/'))) return 'generated';
  }
  if (isFolder) return null;
  const file = folded.at(-1)!;
  if (SECRET_FILES.test(file)) return 'secret';
  if (SYSTEM_FILES.test(file)) return 'system';
  return GENERATED_FILES.test(file) ? 'generated' : null;
}

/** Names a folder instead of its files if none of them was added, and its files instead of the folder otherwise. */
function summarize(leftOut: Map<string, LeftOutReason>, added: string[]): LeftOutFile[] {
  const partial = foldersOf(added);
  const whole = [...leftOut.keys()].filter((path) => path.endsWith('/') && !partial.has(path.slice(0, -1)));
  const inWhole = new Set(whole);
  return [...leftOut]
    .filter(([path]) => {
      if (path.endsWith('/') && !inWhole.has(path)) return false;
      const names = path.replace(/\/$/, '').split('/');
      return !names.slice(0, -1).some((_, i) => inWhole.has(`${names.slice(0, i + 1).join('/')}/`));
    })
    .map(([path, reason]) => ({ path, reason }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Returns all folders that contain these files. */
function foldersOf(paths: Iterable<string>): Set<string> {
  const folders = new Set<string>();
  for (const path of paths)
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const folder = path.slice(0, at);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  return folders;
}
