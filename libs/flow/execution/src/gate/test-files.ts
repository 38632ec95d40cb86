import {
  isRunnerFile,
  isTestFile,
  languageOfFile,
  type RunnerReport,
  type TestResults,
  type TestRunner,
} from '@teko/domain';
import type { CommitFiles } from './commit-files';

/** Whether a file of one commit is a test file. */
export type IsTestFile = (path: string) => boolean;

/** Code that contains its tests; Vitest removes them from what it builds. */
const CODE_WITH_TESTS = /\bimport\.meta\.vitest\b/;

/** In a larger repository, only names and reports show which files are tests. */
const MAX_SEARCHED_FILES = 5_000;

/**
 * Returns what the test files of a commit are, whatever their names are: besides those with the name of one, those that its report
 * names or, if its runner does not name files, whose content is that of tests. Code that contains its tests is no test file.
 */
export async function testFilesOf(
  results: TestResults | null,
  runner: TestRunner | null,
  files: CommitFiles,
): Promise<IsTestFile> {
  const naming = runner?.report?.naming;
  const content = runner?.testContent;
  const paths = [...(await files.entries()).keys()];
  const named = results && naming ? reportedFiles(results, naming, paths) : [];
  const sources = content ? paths.filter((path) => languageOfFile(path) && !isRunnerFile(path)) : [];
  const candidates = [...named, ...(sources.length > MAX_SEARCHED_FILES ? [] : sources)];
  const contents = await files.read(candidates.filter((path) => !isTestFile(path)));
  const isTest = (text: string) => !CODE_WITH_TESTS.test(text) && (!content || content.test(text));
  const found = new Set([...contents].flatMap(([path, bytes]) => (isTest(bytes.toString()) ? [path] : [])));
  return (path) => isTestFile(path) || found.has(path);
}

/** Returns the paths of the files whose tests a report contains. Examples in docstrings are no tests of their file. */
function reportedFiles(
  { passed, failed, skipped }: TestResults,
  naming: NonNullable<RunnerReport['naming']>,
  paths: string[],
): string[] {
  const names = [...passed, ...failed, ...skipped];
  const groups = new Set(names.flatMap((name) => (naming === 'path' ? pathOf(name) : groupOf(name)) ?? []));
  const [exact, bySuffix] = indexOf(paths, naming);
  const found = [...groups].flatMap((group) => {
    const parts = naming === 'path' ? [group] : prefixesOf(group);
    const known = parts.find((part) => exact.has(part) || bySuffix.has(part)) ?? '';
    return exact.get(known) ?? bySuffix.get(known) ?? [];
  });
  const texts = naming === 'path' ? [] : names.flatMap((name) => exact.get(textOf(name) ?? '') ?? []);
  return [...new Set([...found, ...texts])];
}

function pathOf(name: string): string {
  return name.split(' › ')[0]!;
}

/** `checks.total.TotalTest › test_two` (pytest) or `checks.total.TotalTest.test_two` (unittest); not `total › total.add`, an example. */
function groupOf(name: string): string | null {
  const [group, member] = [pathOf(name), name.split(' › ')[1]];
  if (member === undefined) return /(^|\.)test[^.]*$/i.test(name) ? name : null;
  return member === group || member.split('[')[0]!.includes('.') ? null : group;
}

/** `docs.usage.md › usage.md` stands for the examples in a text. */
function textOf(name: string): string | null {
  const [group, member] = [pathOf(name), name.split(' › ')[1]];
  return member?.includes('.') && `.${group}`.endsWith(`.${member}`) ? group : null;
}

/** Returns the paths by what names start with, and by its ends, as the runner can start in any folder. */
function indexOf(paths: string[], naming: RunnerReport['naming']): [Map<string, string[]>, Map<string, string[]>] {
  const [exact, bySuffix] = [new Map<string, string[]>(), new Map<string, string[]>()];
  const add = (map: Map<string, string[]>, key: string, path: string) => {
    const list = map.get(key);
    if (list) list.push(path);
    else map.set(key, [path]);
  };
  for (const path of paths) {
    const separator = naming === 'path' ? '/' : '.';
    const key = naming === 'path' ? path : moduleOf(path);
    add(exact, key, path);
    if (!languageOfFile(path)) continue;
    for (let at = key.indexOf(separator); at >= 0; at = key.indexOf(separator, at + 1))
      add(bySuffix, key.slice(at + 1), path);
  }
  return [exact, bySuffix];
}

function moduleOf(path: string): string {
  return path.replace(/\.py$/, '').replaceAll('/', '.');
}

/** Returns a name and what it starts with, the longest first. */
function prefixesOf(name: string): string[] {
  const parts = name.split('.');
  return parts.map((_, i) => parts.slice(0, parts.length - i).join('.'));
}
