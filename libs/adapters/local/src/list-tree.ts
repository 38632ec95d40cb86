import { UnavailableError, type TreeEntry } from '@teko/domain';
import { git, shortError, tryGit } from './git';

const MAX_ENTRIES = 200_000;
/** Of the listing: names and ids. */
const MAX_BYTES = 48 * 1024 * 1024;
const MAX_PATH_LENGTH = 4_096;
const TIMEOUT_MS = 60_000;

/**
 * Returns the files of a commit, or of one path in it. Throws UnavailableError if there are more than 200,000, or if their names
 * are too long: a few tree objects can stand for millions of files.
 */
export async function listTree(dir: string, commit: string, path?: string): Promise<TreeEntry[]> {
  const entries = await listNames(dir, commit, path);
  const bytes = await sizesOf(dir, entries);
  return entries.map((entry) => ({ ...entry, bytes: bytes.get(entry.blob) ?? 0 }));
}

/** Like `listTree`, without the sizes of the files. */
export async function listNames(dir: string, commit: string, path?: string): Promise<Omit<TreeEntry, 'bytes'>[]> {
  const command = ['--literal-pathspecs', '--git-dir', dir, 'ls-tree', '-r', '-z', '--full-tree'];
  const { code, stdout, stderr, isCut } = await tryGit(
    [...command, commit, ...(path === undefined ? [] : ['--', path])],
    {
      ...{ maxBytes: MAX_BYTES, maxRecords: MAX_ENTRIES, timeoutMs: TIMEOUT_MS },
    },
  );
  if (isCut) throw tooLarge(commit);
  if (code !== 0)
    throw new UnavailableError('git', `the files of commit ${commit} cannot be listed: ${shortError(stderr)}`);
  return parseNames(stdout, commit);
}

function parseNames(listing: Buffer, commit: string): Omit<TreeEntry, 'bytes'>[] {
  const entries: Omit<TreeEntry, 'bytes'>[] = [];
  for (let at = 0; at < listing.length;) {
    const end = listing.indexOf(0, at);
    const tab = listing.indexOf(9, at);
    if (end < 0 || tab < 0) break;
    if (end - tab > MAX_PATH_LENGTH) throw tooLarge(commit);
    const [mode = '', , blob = ''] = listing.toString('latin1', at, tab).split(' ');
    entries.push({ path: listing.toString('utf8', tab + 1, end), mode, blob });
    at = end + 1;
  }
  return entries;
}

async function sizesOf(dir: string, entries: { mode: string; blob: string }[]): Promise<Map<string, number>> {
  const blobs = new Set(entries.filter(({ mode }) => mode !== '160000').map(({ blob }) => blob));
  if (blobs.size === 0) return new Map();
  const command = ['--git-dir', dir, 'cat-file', '--batch-check=%(objectname) %(objectsize)', '--buffer'];
  const lines = (await git(command, { input: `${[...blobs].join('\n')}\n` })).toString().split('\n');
  return new Map(lines.map((line) => line.split(' ')).map(([blob = '', size]) => [blob, Number(size) || 0]));
}

function tooLarge(commit: string): UnavailableError {
  const limit = `${MAX_ENTRIES.toLocaleString('en')} files or a path of more than ${MAX_PATH_LENGTH.toLocaleString('en')} bytes`;
  return new UnavailableError(
    'git',
    `commit ${commit.slice(0, 12)} has more than ${limit}, which Teko does not support`,
  );
}
