import type { ChangedFile, GitMirrors, TreeEntry } from '@teko/domain';
import { secretsIn } from '@teko/platform';
import { startedFiles } from './started-files';

const SHEBANG = '#!';
/** More of a file is not searched for secrets. */
const MAX_SEARCHED_BYTES = 5 * 1024 * 1024;
/** Bounds the contents that are in memory at the same time. */
const MAX_BYTES_AT_ONCE = 32 * 1024 * 1024;

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
  const added = new Map<string, AddedContent>();
  for (const portion of portionsOf(changed, old))
    for (const [path, content] of await addedContents(mirrors, repositoryId, portion)) added.set(path, content);
  const started = await startedFiles(mirrors, repositoryId, { before, changed: changed.map(({ path }) => path) });
  return {
    paths: [...now.keys()],
    files: [
      ...changed.map((entry) => {
        const { path, mode } = entry;
        const oldMode = old.get(path)?.mode ?? null;
        return { path, oldMode, mode, ...added.get(path), startedBy: started.get(path) };
      }),
      ...deleted.map(({ path, mode }) => ({ path, oldMode: mode, mode: null })),
    ],
  };
}

/** A file before and after the change. */
type Versions = [TreeEntry | undefined, TreeEntry];
type AddedContent = Required<Pick<ChangedFile, 'isNewScript' | 'addsSecret'>>;

function portionsOf(changed: TreeEntry[], old: Map<string, TreeEntry>): Versions[][] {
  const portions: Versions[][] = [];
  let bytes = Infinity;
  for (const entry of changed) {
    const previous = old.get(entry.path);
    bytes += entry.bytes + (previous?.bytes ?? 0);
    if (bytes > MAX_BYTES_AT_ONCE) {
      portions.push([]);
      bytes = entry.bytes + (previous?.bytes ?? 0);
    }
    portions.at(-1)!.push([previous, entry]);
  }
  return portions;
}

/** Returns by path what the new contents are that the old ones were not. */
async function addedContents(
  mirrors: GitMirrors,
  repositoryId: string,
  files: Versions[],
): Promise<[string, AddedContent][]> {
  const regular = files.flat().flatMap((entry) => (entry?.mode.startsWith('100') ? [entry.blob] : []));
  const contents = await mirrors.blobs(repositoryId, [...new Set(regular)], MAX_SEARCHED_BYTES);
  // Without NUL, text in UTF-16 can be searched too.
  const textOf = (entry: TreeEntry | undefined) =>
    entry?.mode.startsWith('100') ? (contents.get(entry.blob)?.toString('latin1').replaceAll('\0', '') ?? '') : '';
  return files.map(([previous, entry]) => {
    const [before, after] = [textOf(previous), textOf(entry)];
    const isNewScript = after.startsWith(SHEBANG) && !before.startsWith(SHEBANG);
    const addsSecret = secretsIn(after).find(({ text }) => !before.includes(text))?.kind ?? null;
    return [entry.path, { isNewScript, addsSecret }];
  });
}

const byPath = (entries: TreeEntry[]) => new Map(entries.map((entry) => [entry.path, entry]));
