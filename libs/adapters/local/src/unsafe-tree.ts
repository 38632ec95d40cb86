import { foldName, foldPath, InvalidError, isReservedName, RejectedEntryError, type TreeEntry } from '@teko/domain';
import { Links } from './links';

const MAX_BLOB_BYTES = 50 * 1024 * 1024;
const MAX_ALL_BYTES = 200 * 1024 * 1024;
/** A link with a longer target leads nowhere. */
const MAX_LINK_BYTES = 4_096;
/** File systems store no longer names. */
const MAX_NAME_BYTES = 255;
const LINK = '120000';
const SUBMODULE = '160000';
/** Git reads these files in the work tree and must not follow a link there. */
const NEVER_A_LINK = new Set(['.gitmodules', '.gitattributes', '.gitignore', '.mailmap']);
/** Short names of .gitmodules on NTFS. */
const ALIAS_OF_GITMODULES = /^(gitmod~\d|gi7eb[0-9a-f]~\d+)$/;

/**
 * Rejects a tree whose new entries would be unsafe to check out, on any file system. Links are resolved in the new tree and must
 * lead to a file or folder in it. Throws InvalidError with the path.
 */
export async function rejectUnsafeTree(
  before: TreeEntry[],
  after: TreeEntry[],
  read: (ids: string[]) => Promise<Map<string, Buffer>>,
): Promise<void> {
  const known = new Set(before.map(identity));
  const added = after.filter((entry) => !known.has(identity(entry)));
  const knownPaths = new Set(before.map(({ path }) => path));
  const checkedNames = new Set<string>();
  for (const entry of added) {
    if (!knownPaths.has(entry.path)) rejectUnsafeNames(entry, checkedNames);
    rejectUnsafeEntry(entry);
  }
  const bytes = added.reduce((sum, entry) => sum + entry.bytes, 0);
  if (bytes > MAX_ALL_BYTES) throw new InvalidError({ change: `is larger than ${MAX_ALL_BYTES / 1024 / 1024} MB` });
  rejectSameNames(before, after, added);
  await rejectUnsafeLinks(before, after, read);
}

const identity = ({ path, mode, blob }: TreeEntry) => `${mode} ${blob} ${path}`;

/** Checks every name only once: deep trees repeat those of their folders. */
function rejectUnsafeNames(entry: TreeEntry, checked: Set<string>): void {
  for (const name of entry.path.split('/')) {
    if (checked.has(name)) continue;
    if (isReservedName(name)) reject(entry, 'has a name that git reserves');
    if (name.includes('\\')) reject(entry, 'has a name with a backslash');
    if (Buffer.byteLength(name) > MAX_NAME_BYTES) reject(entry, `has a name of more than ${MAX_NAME_BYTES} bytes`);
    if (name.includes('\ufffd')) reject(entry, 'has a name that is not valid UTF-8');
    checked.add(name);
  }
}

function rejectUnsafeEntry(entry: TreeEntry): void {
  const name = entry.path.split('/').at(-1)!;
  const folded = foldName(name)
    .replace(/:.*$/s, '')
    .replace(/[. ]+$/, '');
  const standsFor = ALIAS_OF_GITMODULES.test(folded) ? '.gitmodules' : folded;
  if (NEVER_A_LINK.has(standsFor) && (entry.mode === LINK || name !== standsFor))
    reject(entry, `stands for the file ${standsFor}`);
  if (entry.mode === SUBMODULE) reject(entry, 'is a new or moved submodule');
  if (entry.bytes > MAX_BLOB_BYTES) reject(entry, `is larger than ${MAX_BLOB_BYTES / 1024 / 1024} MB`);
}

/** Rejects a new file or folder that is the same as another one where case and normalisation do not matter. */
function rejectSameNames(before: TreeEntry[], after: TreeEntry[], added: TreeEntry[]): void {
  if (added.length === 0) return;
  const old = pathsOf(before);
  const addedPaths = new Set([...pathsOf(added)].filter((path) => !old.has(path)));
  if (addedPaths.size === 0) return;
  const fold = pathFolder();
  const byFolded = new Map<string, string>();
  for (const path of pathsOf(after)) {
    const folded = fold(path);
    const other = byFolded.get(folded);
    if (other !== undefined && (addedPaths.has(path) || addedPaths.has(other))) {
      const [added, kept] = addedPaths.has(path) ? [path, other] : [other, path];
      throw new InvalidError({ change: `${added} has the same name as ${kept} on systems that ignore case` });
    }
    byFolded.set(folded, path);
  }
}

/** Returns all files and the folders above them. */
function pathsOf(entries: TreeEntry[]): Set<string> {
  const found = new Set<string>();
  for (const { path } of entries) {
    found.add(path);
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const folder = path.slice(0, at);
      if (found.has(folder)) break;
      found.add(folder);
    }
  }
  return found;
}

/** Returns a function that folds every name of a path, each folder once. */
function pathFolder(): (path: string) => string {
  const folders = new Map<string, string>();
  const fold = (path: string): string => {
    const at = path.lastIndexOf('/');
    const name = foldPath(path.slice(at + 1));
    if (at < 0) return name;
    const parent = path.slice(0, at);
    const known = folders.get(parent) ?? fold(parent);
    folders.set(parent, known);
    return `${known}/${name}`;
  };
  return fold;
}

async function rejectUnsafeLinks(
  before: TreeEntry[],
  after: TreeEntry[],
  read: (ids: string[]) => Promise<Map<string, Buffer>>,
): Promise<void> {
  const isLink = ({ mode }: TreeEntry) => mode === LINK;
  const links = after.filter(isLink);
  if (links.length === 0) return;
  const known = new Set(before.filter(isLink).map(identity));
  const readable = [...before, ...after].filter((entry) => isLink(entry) && entry.bytes <= MAX_LINK_BYTES);
  const targets = await read([...new Set(readable.map(({ blob }) => blob))]);
  const now = new Links(after, targets);
  const then = new Links(before, targets);
  for (const link of links) {
    const end = now.endOf(link.path);
    if (end === 'inside') continue;
    // A link that the change does not touch can lose its target, but must not start to lead out.
    if (known.has(identity(link)) && (end === 'missing' || then.endOf(link.path) === end)) continue;
    if (end === 'missing') reject(link, 'is a symbolic link to nothing in the repository');
    reject(link, 'is a symbolic link that points outside the repository');
  }
}

function reject(entry: TreeEntry, reason: string): never {
  throw new RejectedEntryError(entry.path, reason);
}
