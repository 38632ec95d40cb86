import { isRunnerFile, languageOfFile, type TestRunner } from '@teko/domain';
import { compare, regressions } from './compare';
import type { Tested } from './judge';
import type { IsTestFile } from './test-files';
import type { WorkspaceFile } from './workspace-files';

/** `named`: a failing test that the runner reports by name; `load`: a statement at the end that fails when the file is loaded. */
export type FailureMode = 'named' | 'load';

/** How the tests of the base react to failing tests, so that the same reaction can be required of the result. */
export interface Calibration {
  /** Null if failing tests cannot be added to these tests. */
  mode: FailureMode | null;
  /** By test file: names of the failing tests that were reported, with * for their id. */
  reported: Record<string, string[]>;
  /** Other tests that passed without the failing tests, but not with them. */
  lost: string[];
}

const MAX_FILES = 200;
const MAX_SOURCE_BYTES = 1024 * 1024;
const DATA_FOLDERS =
  /(^|\/)(fixtures?|__fixtures__|__mocks__|__snapshots__|testdata|data|mocks?|stubs?|helpers?|support)\//i;

/** Returns the test files among `paths` to which failing tests can be added. */
export function extensibleTestFiles(paths: string[], isTest: IsTestFile): string[] {
  return paths
    .filter((path) => isTest(path) && languageOfFile(path) && !isRunnerFile(path) && !DATA_FOLDERS.test(path))
    .slice(0, MAX_FILES);
}

/** Adds a failing test with an unpredictable name to each file. Returns the new files and the name by path. */
export function withFailingTests(
  contents: Map<string, Buffer>,
  mode: FailureMode,
  runner: TestRunner | null,
): { files: WorkspaceFile[]; ids: Map<string, string> } {
  const ids = new Map<string, string>();
  const files: WorkspaceFile[] = [];
  for (const [path, content] of contents) {
    if (content.length > MAX_SOURCE_BYTES) continue;
    const id = randomId();
    const source = content.toString('utf8');
    const changed =
      mode === 'named'
        ? (runner?.addFailingTest?.({ path, source }, id) ?? source)
        : `${source}\n${languageOfFile(path)!.failingEnd(source, id)}\n`;
    if (changed === source) continue;
    ids.set(path, id);
    files.push({ path, content: changed, mode: '100644' });
  }
  return { files, ids };
}

/** Returns by test file which failing tests are reported as failed, with * for their id. */
export function reportedFailures({ results }: Tested, ids: Map<string, string>): Record<string, string[]> {
  const reported: Record<string, string[]> = {};
  for (const [path, id] of ids) {
    const names = (results?.failed ?? []).filter((name) => name.includes(id)).map((name) => name.replaceAll(id, '*'));
    if (names.length > 0) reported[path] = names.sort();
  }
  return reported;
}

/** Whether more fails than before. If something failed before, the exit code does not show it. */
export function failsMore(before: Tested, { execution, results }: Tested): boolean {
  if (execution.exitCode === 0) return false;
  if (before.execution.exitCode === 0) return true;
  if (!before.results) return false;
  if (!results) return true;
  return compare(before.results, results).newFailures.length + regressions(before.results, results).length > 0;
}

/** Returns letters that nothing in a repository contains or can predict. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(14));
  return `k${[...bytes].map((byte) => String.fromCharCode(97 + (byte % 26))).join('')}`;
}
