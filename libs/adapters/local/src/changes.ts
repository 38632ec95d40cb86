import type { FileChanges } from '@teko/domain';
import { git } from './git';

/** Before each commit of the log, where no path can begin. */
const MARK = '\u0001';
const MAX_BYTES = 64 * 1024 * 1024;

/** Who changed which files how often, from the names alone: a mirror without old contents has to fetch nothing for it. */
export async function changesUntil(dir: string, commit: string, commits: number): Promise<Map<string, FileChanges>> {
  const format = `--format=${MARK}%ae %ct`;
  const options = ['--no-merges', '--name-only', '--no-renames', '-z', '-n', String(commits), format];
  const out = await git(['--git-dir', dir, 'log', ...options, commit, '--'], { maxBytes: MAX_BYTES });
  const found = new Map<string, FileChanges & { who: Set<string> }>();
  for (const entry of out.toString().split(MARK).slice(1)) {
    const [head = '', ...paths] = entry.split('\0');
    const space = head.lastIndexOf(' ');
    const author = head.slice(0, space);
    const at = new Date(Number(head.slice(space + 1)) * 1000);
    for (const path of paths.map((name) => name.replace(/^\n/, '')).filter(Boolean)) {
      const file = found.get(path) ?? { commits: 0, authors: 0, lastChangedAt: at, who: new Set<string>() };
      file.commits += 1;
      file.who.add(author);
      file.authors = file.who.size;
      found.set(path, file);
    }
  }
  return new Map([...found].map(([path, { who: _, ...changes }]) => [path, changes]));
}
