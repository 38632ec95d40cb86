import { posix } from 'node:path';
import { InvalidError, type TreeEntry } from '@teko/domain';

const MAX_BLOB_BYTES = 50 * 1024 * 1024;
const LINK = '120000';
const SUBMODULE = '160000';

/** Refuses a result whose new entries could do harm where it is checked out. Throws InvalidError that names the path. */
export async function refuseUnsafeTree(
  before: TreeEntry[],
  after: TreeEntry[],
  read: (ids: string[]) => Promise<Map<string, Buffer>>,
): Promise<void> {
  const known = new Set(before.map(identity));
  const fresh = after.filter((entry) => !known.has(identity(entry)));
  for (const entry of fresh) {
    if (entry.path.split('/').some((part) => /^(\.git|git~\d+|\.\.?)$/i.test(part)))
      refuse(entry, 'has a name that git keeps for itself');
    if (entry.mode === SUBMODULE) refuse(entry, 'is a new or moved submodule');
    if (entry.bytes > MAX_BLOB_BYTES) refuse(entry, `is larger than ${MAX_BLOB_BYTES / 1024 / 1024} MB`);
  }
  const links = fresh.filter(({ mode }) => mode === LINK);
  const targets = await read(links.map(({ blob }) => blob));
  for (const link of links) {
    if (leadsOutside(link.path, targets.get(link.blob)?.toString() ?? '/'))
      refuse(link, 'is a link that leads out of the repository');
  }
}

const identity = ({ path, mode, blob }: TreeEntry) => `${mode} ${blob} ${path}`;

function leadsOutside(path: string, target: string): boolean {
  const resolved = posix.normalize(posix.join(posix.dirname(path), target));
  return target.startsWith('/') || resolved === '..' || resolved.startsWith('../') || resolved.split('/')[0] === '.git';
}

function refuse(entry: TreeEntry, why: string): never {
  throw new InvalidError({ change: `${entry.path} ${why}` });
}
