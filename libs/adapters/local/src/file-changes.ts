import type { FileChanges } from '@teko/domain';
import { tryGit } from './git';

/** Separates the commits in the log. No path can start with it. */
const SEPARATOR = '\u0001';
const MAX_BYTES = 64 * 1024 * 1024;
/** Stops git at a commit that changes about a million files. */
const ALLOCATION_LIMIT = 8 * 1024 * 1024;
const TIMEOUT_MS = 60_000;

/** Counts the commits and authors of each file. Reads only names. Returns nothing if the history is too large. */
export async function countFileChanges(
  dir: string,
  commit: string,
  commits: number,
): Promise<Map<string, FileChanges>> {
  const format = `--format=${SEPARATOR}%ae %ct`;
  const options = ['--no-merges', '--name-only', '--no-renames', '-z', '-n', String(commits), format];
  const log = await tryGit(['--git-dir', dir, 'log', ...options, commit, '--'], {
    ...{ maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS, allocationLimit: ALLOCATION_LIMIT },
  });
  const out = log.code === 0 ? log.stdout : Buffer.alloc(0);
  const byPath = new Map<string, FileChanges & { authorEmails: Set<string> }>();
  for (const entry of out.toString().split(SEPARATOR).slice(1)) {
    const [head = '', ...paths] = entry.split('\0');
    const space = head.lastIndexOf(' ');
    const author = head.slice(0, space);
    const at = new Date(Number(head.slice(space + 1)) * 1000);
    for (const path of paths.map((name) => name.replace(/^\n/, '')).filter(Boolean)) {
      const file = byPath.get(path) ?? { commits: 0, authors: 0, lastChangedAt: at, authorEmails: new Set<string>() };
      file.commits += 1;
      file.authorEmails.add(author);
      file.authors = file.authorEmails.size;
      byPath.set(path, file);
    }
  }
  return new Map([...byPath].map(([path, { authorEmails: _, ...changes }]) => [path, changes]));
}
