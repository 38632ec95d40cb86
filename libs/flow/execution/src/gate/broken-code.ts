import { isRunnerFile, languageOfFile, type SandboxSession, type TreeEntry } from '@teko/domain';
import type { CommitFiles } from './commit-files';
import type { IsTestFile } from './test-files';
import { runnerScripts, startedFiles } from './runner-scripts';
import type { TestPlan } from './test-plan';
import { breakFiles } from './workspace-files';

/** Files that build, describe or configure the code. If they were broken, the tests would fail without loading any code. */
const CONFIGURATION =
  /(^|\/)\.|\.(config|conf)\.[^/]+$|\.(toml|ini|cfg|lock|gradle|kts|csproj|sln|props|targets|mk|cmake)$|(^|\/)(setup\.py|manage\.py|gulpfile[^/]*|gruntfile[^/]*|go\.(mod|sum|work)|pom\.xml|gemfile|[^/]+\.gemspec|cmakelists\.txt|meson\.build|configure|build\.(rs|sbt|xml)|mix\.exs|package\.swift|dockerfile[^/]*|(package-lock|tsconfig|jsconfig)[^/]*\.json|requirements[^/]*\.txt|pipfile)$/i;
/** Code that supports tests. If it were broken, the tests would fail without loading the code that they test. */
const TEST_SUPPORT =
  /(^|\/)(fixtures?|mocks?|stubs?|test-?(utils?|support|helpers?)|test_(utils?|support|helpers?))(\/|\.)/i;

interface Selection {
  path: string;
  replace: boolean;
}

/** Returns the files of a commit to break: all source files; if there are none or the runner is unknown, all other files too. */
export async function filesToBreak(files: CommitFiles, plan: TestPlan, isTest: IsTestFile): Promise<Selection[]> {
  const scripts = new Set(await runnerScripts(files, plan));
  const candidates = [...(await files.entries()).values()].filter(
    (entry) => isRegular(entry) && !isTest(entry.path) && !isRunnerFile(entry.path) && !scripts.has(entry.path),
  );
  const code = candidates.filter(({ path }) => !CONFIGURATION.test(path));
  const withoutSupport = nonEmpty(
    code.filter(({ path }) => !TEST_SUPPORT.test(path)),
    code,
  );
  const sources = withoutSupport.filter(({ path }) => languageOfFile(path));
  const started = new Set(await startedFiles(files, plan));
  const loaded = nonEmpty(
    sources.filter(({ path }) => !started.has(path)),
    sources,
  );
  const others = plan.runner && loaded.length > 0 ? [] : withoutSupport.filter(({ path }) => !languageOfFile(path));
  const chosen = nonEmpty([...loaded, ...others], candidates);
  return chosen.map(({ path }) => ({ path, replace: !languageOfFile(path) || /\.(vue|svelte)$/i.test(path) }));
}

/** Breaks the selected files of a fresh checkout. */
export async function breakCode(session: SandboxSession, selection: Selection[], id: string): Promise<void> {
  const groups = new Map<string, Selection[]>();
  for (const file of selection) {
    const line = (!file.replace && languageOfFile(file.path)?.failingLine(id)) || id;
    groups.set(line, [...(groups.get(line) ?? []), file]);
  }
  for (const [line, group] of groups)
    await breakFiles(
      session,
      group.map(({ path }) => path),
      { line, replace: line === id },
    );
}

function isRegular({ mode }: TreeEntry): boolean {
  return mode === '100644' || mode === '100755';
}

function nonEmpty<T>(list: T[], fallback: T[]): T[] {
  return list.length > 0 ? list : fallback;
}
