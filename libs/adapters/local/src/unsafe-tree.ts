import { posix } from 'node:path';
import { InvalidError, type TreeEntry } from '@teko/domain';

const MAX_BLOB_BYTES = 50 * 1024 * 1024;
const LINK = '120000';
const SUBMODULE = '160000';

/** Rejects a tree whose new entries would be unsafe to check out. Throws InvalidError with the path. */
export async function rejectUnsafeTree(
  before: TreeEntry[],
  after: TreeEntry[],
  read: (ids: string[]) => Promise<Map<string, Buffer>>,
): Promise<void> {
  const known = new Set(before.map(identity));
  const added = after.filter((entry) => !known.has(identity(entry)));
  for (const entry of added) {
    if (entry.path.split('/').some((part) => /^(\.git|git~\d+|\.\.?)$/i.test(part)))
      reject(entry, 'has a name that git reserves');
    if (entry.mode === SUBMODULE) reject(entry, 'is a new or moved submodule');
    if (entry.bytes > MAX_BLOB_BYTES) reject(entry, `is larger than ${MAX_BLOB_BYTES / 1024 / 1024} MB`);
  }
  const links = added.filter(({ mode }) => mode === LINK);
  const targets = await read(links.map(({ blob }) => blob));
  for (const link of links) {
    if (isOutside(link.path, targets.get(link.blob)?.toString() ?? '/'))
      reject(link, 'is a symbolic link that points outside the repository');
  }
}

const identity = ({ path, mode, blob }: TreeEntry) => `${mode} ${blob} ${path}`;

function isOutside(path: string, target: string): boolean {
  const resolved = posix.normalize(posix.join(posix.dirname(path), target));
  return target.startsWith('/') || resolved === '..' || resolved.startsWith('../') || resolved.split('/')[0] === '.git';
}

function reject(entry: TreeEntry, reason: string): never {
  throw new InvalidError({ change: `${entry.path} ${reason}` });
}
