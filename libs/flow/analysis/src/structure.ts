import type { CodeModule, FileChanges, HotSpot, TreeEntry } from '@teko/domain';

const MAX_MODULES = 60;
const MAX_HOT_SPOTS = 20;
/** A folder with a larger share of the code is split into its subfolders. */
const SPLIT_SHARE = 0.35;
const MAX_DEPTH = 4;

/** A file that is counted, with its language. */
export type CountedFile = Pick<TreeEntry, 'path' | 'bytes'> & { language: string };

/** Returns the modules of a codebase: its top-level folders, with large ones split into subfolders. */
export function modulesOf(files: CountedFile[], changes: Map<string, FileChanges>): CodeModule[] {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const modules: CodeModule[] = [];
  const visit = (inside: CountedFile[], depth: number, folder: string) => {
    for (const [path, group] of groupBy(inside, (file) => folderAt(file.path, depth))) {
      const bytes = group.reduce((sum, file) => sum + file.bytes, 0);
      const isLarge = bytes > total * SPLIT_SHARE && depth < MAX_DEPTH && path !== folder;
      if (isLarge && group.some((file) => folderAt(file.path, depth + 1) !== path)) visit(group, depth + 1, path);
      else
        modules.push({ path: path || '.', files: group.length, bytes, ...mainLanguage(group), commits: sumOf(group) });
    }
  };
  const sumOf = (group: CountedFile[]) => group.reduce((sum, { path }) => sum + (changes.get(path)?.commits ?? 0), 0);
  visit(files, 1, '');
  return modules.sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1)).slice(0, MAX_MODULES);
}

/** Returns the files that are large and change often, where work and defects concentrate. */
export function hotSpotsOf(files: CountedFile[], changes: Map<string, FileChanges>): HotSpot[] {
  return files
    .flatMap(({ path, bytes }) => {
      const change = changes.get(path);
      if (!change || change.commits < 2) return [];
      const { commits, authors, lastChangedAt } = change;
      return [{ path, bytes, commits, authors, lastChangedAt: lastChangedAt.toISOString() }];
    })
    .sort((a, b) => heat(b) - heat(a) || (a.path < b.path ? -1 : 1))
    .slice(0, MAX_HOT_SPOTS);
}

function heat({ commits, bytes }: HotSpot): number {
  return commits * Math.sqrt(bytes);
}

/** Returns the folder of a file, at most `depth` segments deep, or '' for the root. */
function folderAt(path: string, depth: number): string {
  return path.split('/').slice(0, -1).slice(0, depth).join('/');
}

function mainLanguage(files: CountedFile[]): { language: string | null } {
  const bytes = new Map<string, number>();
  for (const file of files) bytes.set(file.language, (bytes.get(file.language) ?? 0) + file.bytes);
  return { language: [...bytes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null };
}

function groupBy<T>(items: T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
