import { isRunnerFile, isTestFile, restoredRunnerFile, shadowsRunner, type ChangeDiff } from '@teko/domain';
import type { CommitFiles } from './commit-files';
import type { IsTestFile } from './test-files';
import type { WorkspaceFile } from './workspace-files';

type ChangedFile = ChangeDiff['files'][number];

/** What a change did to tests and to what steers their runner. */
export interface TestChanges {
  /** Test files of the base that were changed, moved or deleted. */
  alteredTests: string[];
  /** Changed files that steer the runner. */
  runnerFiles: string[];
  /** Restores both in a checkout of the result. */
  restoration: WorkspaceFile[];
  /** Removes the added test files, which can change what the tests of the base see. */
  withoutAddedTests: WorkspaceFile[];
}

interface Versions {
  base: CommitFiles;
  head: CommitFiles;
  scripts: string[];
  isTest: Record<'base' | 'head', IsTestFile>;
}

/** Finds changed test files and runner files. `scripts` are further runner files of the base. */
export async function testChanges(
  changed: ChangedFile[],
  { base, head, scripts, isTest }: Versions,
): Promise<TestChanges> {
  const before = await base.entries();
  const alteredTests = changed
    .filter(({ status }) => status !== 'added')
    .map(({ path, oldPath }) => oldPath ?? path)
    .filter(isTest.base);
  const paths = [...new Set(changed.flatMap(({ path, oldPath }) => [path, ...(oldPath ? [oldPath] : [])]))];
  const candidates = paths.filter((path) => scripts.includes(path) || steersRunner(path, before.has(path)));
  const runner = (await restoredFiles(candidates, base, head)).filter((file) => file !== null);
  const tests = await originals(
    alteredTests.filter((path) => !candidates.includes(path)),
    base,
  );
  const restored = new Set([...runner, ...tests].map(({ path }) => path));
  const withoutAddedTests = paths
    .filter((path) => isTest.head(path) && !before.has(path) && !restored.has(path))
    .map((path) => ({ path, content: null, mode: '100644' }));
  return {
    alteredTests,
    runnerFiles: runner.map(({ path }) => path),
    restoration: [...runner, ...tests],
    withoutAddedTests,
  };
}

/** A module that already existed is part of the code, whatever its name. */
function steersRunner(path: string, existed: boolean): boolean {
  return isRunnerFile(path) && !(existed && shadowsRunner(path) && !isTestFile(path));
}

async function originals(paths: string[], base: CommitFiles): Promise<WorkspaceFile[]> {
  const entries = await base.entries();
  const contents = await base.read(paths);
  return paths.map((path) => ({
    path,
    content: contents.get(path) ?? null,
    mode: entries.get(path)?.mode ?? '100644',
  }));
}

/** Returns the restored files; null for a file that steers the runner as before. */
async function restoredFiles(paths: string[], base: CommitFiles, head: CommitFiles): Promise<(WorkspaceFile | null)[]> {
  const [before, after, oldTexts, newTexts] = await Promise.all([
    base.entries(),
    head.entries(),
    base.read(paths),
    head.read(paths),
  ]);
  return paths.map((path) => {
    const mode = before.get(path)?.mode ?? '100644';
    const original = oldTexts.get(path) ?? null;
    const isPlain = [before.get(path), after.get(path)].every((entry) => entry?.mode !== '120000');
    if (!isPlain) return { path, content: original, mode };
    const [old, current] = [original?.toString() ?? null, newTexts.get(path)?.toString() ?? null];
    const restored = restoredRunnerFile(path, old, current);
    if (restored !== null && restored === current && mode === after.get(path)?.mode) return null;
    return { path, content: restored === old ? original : restored, mode };
  });
}
