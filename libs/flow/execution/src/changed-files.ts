import type { ChangedFile, GitMirrors, TreeEntry } from '@teko/domain';
import { startedFiles } from './started-files';

const SHEBANG = '#!';

/** The files that differ between two commits, and the paths of all files of the second one. */
export interface ChangedFiles {
  files: ChangedFile[];
  paths: string[];
}

/** Compares the trees of two commits, without the limits and the guesses of a diff. A renamed file is two files. */
export async function changedFiles(
  mirrors: GitMirrors,
  repositoryId: string,
  { base, head }: { base: string; head: string },
): Promise<ChangedFiles> {
  const [before, after] = await Promise.all([mirrors.tree(repositoryId, base), mirrors.tree(repositoryId, head)]);
  const old = byPath(before);
  const now = byPath(after);
  const changed = after.filter(({ path, mode, blob }) => old.get(path)?.blob !== blob || old.get(path)?.mode !== mode);
  const deleted = before.filter(({ path }) => !now.has(path));
  const regular = changed
    .flatMap((entry) => [entry, old.get(entry.path)])
    .filter((entry) => entry?.mode.startsWith('100'));
  const starts = await mirrors.blobs(repositoryId, [...new Set(regular.map((entry) => entry!.blob))], SHEBANG.length);
  const started = await startedFiles(mirrors, repositoryId, { before, changed: changed.map(({ path }) => path) });
  const isScript = (entry: TreeEntry | undefined) =>
    entry?.mode.startsWith('100') === true && starts.get(entry.blob)?.toString('latin1') === SHEBANG;
  return {
    paths: [...now.keys()],
    files: [
      ...changed.map((entry) => {
        const previous = old.get(entry.path);
        const isNewScript = isScript(entry) && !isScript(previous);
        const startedBy = started.get(entry.path);
        return { path: entry.path, oldMode: previous?.mode ?? null, mode: entry.mode, isNewScript, startedBy };
      }),
      ...deleted.map(({ path, mode }) => ({ path, oldMode: mode, mode: null })),
    ],
  };
}

const byPath = (entries: TreeEntry[]) => new Map(entries.map((entry) => [entry.path, entry]));
