import type { ChangeDiff } from '@teko/domain';

type DiffFile = ChangeDiff['files'][number];
const STATUS: Record<string, DiffFile['status']> = { A: 'added', D: 'deleted', R: 'renamed', C: 'added' };

/**
 * Combines the output of `git diff --raw -z` and `git diff --numstat -z` by file. Names can contain every character but NUL; a record that
 * is cut off at the end is left out.
 */
export function parseDiff(raw: string, numstat: string): DiffFile[] {
  const counts = parseNumstat(numstat);
  const fields = raw.split('\0');
  const files: DiffFile[] = [];
  for (let i = 0; fields[i]?.startsWith(':');) {
    const letter = fields[i]!.split(' ')[4]?.[0] ?? 'M';
    const moved = letter === 'R' || letter === 'C';
    const oldPath = fields[i + 1];
    const path = moved ? fields[i + 2] : oldPath;
    if (!oldPath || !path) break;
    const count = counts.get(path);
    files.push({
      path,
      oldPath: moved ? oldPath : null,
      status: STATUS[letter] ?? 'modified',
      additions: count?.additions ?? 0,
      deletions: count?.deletions ?? 0,
      binary: count?.binary ?? false,
    });
    i += moved ? 3 : 2;
  }
  return files;
}

function parseNumstat(numstat: string): Map<string, { additions: number; deletions: number; binary: boolean }> {
  const fields = numstat.split('\0');
  const counts = new Map<string, { additions: number; deletions: number; binary: boolean }>();
  for (let i = 0; fields[i];) {
    const [, additions = '', deletions, path] = /^(\d+|-)\t(\d+|-)\t([^]*)$/.exec(fields[i]!) ?? [];
    const moved = path === '';
    const name = moved ? fields[i + 2] : path;
    if (!name) break;
    counts.set(name, {
      additions: Number(additions) || 0,
      deletions: Number(deletions) || 0,
      binary: additions === '-',
    });
    i += moved ? 3 : 1;
  }
  return counts;
}
