import { isTestFile, languageOfFile, type ChangeDiff, type TestResults } from '@teko/domain';
import type { CommitFiles } from './commit-files';

type ChangedFile = ChangeDiff['files'][number];

/**
 * Returns the source files of the base whose documentation has examples that were run as tests, and that the change moved, deleted or
 * left without one of these examples. They cannot be restored without their code.
 */
export async function alteredDoctests(
  changed: ChangedFile[],
  { base, head, results }: { base: CommitFiles; head: CommitFiles; results: TestResults | null },
): Promise<string[]> {
  const candidates = changed
    .filter(({ status }) => status !== 'added')
    .map(({ path, oldPath }) => ({ path, original: oldPath ?? path }))
    .filter(({ original }) => languageOfFile(original)?.doctests && !isTestFile(original));
  const [before, after] = await Promise.all([
    base.read(candidates.map(({ original }) => original)),
    head.read(candidates.map(({ path }) => path)),
  ]);
  const modules = testedModules(results);
  return candidates
    .filter(({ path, original }) => {
      const examplesIn = languageOfFile(original)!.doctests!;
      const old = examplesIn(before.get(original)?.toString() ?? '');
      const kept = examplesIn(after.get(path)?.toString() ?? '');
      return old.length > 0 && (path !== original || !containsAll(kept, old));
    })
    .map(({ original }) => original)
    .filter((path) => modulesOf(path).some((module) => modules.has(module)));
}

/** Returns the names that a module can have, as the import path can start in any folder. */
function modulesOf(path: string): string[] {
  const parts = path.replace(/(\/__init__)?\.[^./]+$/, '').split('/');
  return parts.map((_, i) => parts.slice(i).join('.'));
}

/** Returns the modules that names of a report start with: `shop.total › shop.total.add` (pytest) or `shop.total.add` (unittest). */
function testedModules(results: TestResults | null): Set<string> {
  const modules = new Set<string>();
  for (const name of [...(results?.passed ?? []), ...(results?.failed ?? [])]) {
    const [group = '', member] = name.split(' › ');
    if (member !== undefined) modules.add(group.replace(/\.__init__$/, ''));
    else for (let end = group.length; end > 0; end = group.lastIndexOf('.', end - 1)) modules.add(group.slice(0, end));
  }
  return modules;
}

function containsAll(list: string[], wanted: string[]): boolean {
  const counts = new Map<string, number>();
  for (const item of list) counts.set(item, (counts.get(item) ?? 0) + 1);
  return wanted.every((item) => {
    const count = counts.get(item) ?? 0;
    counts.set(item, count - 1);
    return count > 0;
  });
}
