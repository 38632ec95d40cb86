/** How to add a report to the command of a runner. */
export interface RunnerReport {
  format: 'junit' | 'jest';
  /** Arguments that write the report to `{report}`. */
  args: string;
  /** Where the arguments are inserted: after this part of the command; null appends them, or replaces "$@". */
  after: RegExp | null;
  /** For a runner without reports: replaces `after` by a call of this program, which writes a report to $TEKO_REPORT. */
  program?: string;
  /** What the name of each test starts with: the path of its file, or the name of its Python module. Unknown if not given. */
  naming?: 'path' | 'module';
}

/** How to detect and run a test runner and get its report. */
export interface TestRunner {
  id: string;
  /** Any of these files in the project root indicates this runner; `contains` requires a text in the file. */
  markers: { file: string; contains?: string }[];
  /** Shell command that runs all tests. */
  command: string;
  /** Matches simple commands of users that run it; null if none can be recognised. */
  invocation: RegExp | null;
  /** Null if the runner cannot write a report. */
  report: RunnerReport | null;
  /** Arguments that make it run all tests although one fails. */
  keepGoing: string | null;
  /** Returns the test file with a failing test whose name contains `id`; null if the runner has no such form. */
  addFailingTest: ((file: { path: string; source: string }, id: string) => string) | null;
  /** Matches the content of test files. Only for runners whose reports do not name the files. */
  testContent?: RegExp;
}

export interface PackageManager {
  id: string;
  markers: string[];
  /** Shell command that installs dependencies from the lock file. */
  setup: string;
}

/** A language as data: how to detect its toolchain, run its tests and follow its conventions. */
export interface Language {
  id: string;
  title: string;
  /** Linguist names of the languages that this definition covers. */
  linguist: string[];
  /** Files that mark a folder as a project root of this language. */
  manifests: string[];
  packageManagers: PackageManager[];
  /** In order of preference. A runner without markers is the fallback. */
  testRunners: TestRunner[];
  lint: { markers: { file: string; contains?: string }[]; command: string }[];
  /** Framework name by dependency name in a manifest. */
  frameworks: Record<string, string>;
  /** Patterns for paths of test files, relative to the root of the repository. */
  testFiles: RegExp[];
  /** Pattern for paths of source files, test files included. */
  sourceFiles: RegExp;
  /** Patterns for lower-case paths of files that steer a test runner: its configuration, plugins, hooks. */
  runnerFiles: RegExp[];
  /** Patterns for lower-case paths of files that would be loaded instead of parts of the runner. */
  shadows: RegExp[];
  /** Returns a first line that makes a source file fail with `id` when it is loaded. */
  failingLine: (id: string) => string;
  /** Returns a last line of a test file that makes it fail with `id` when it is loaded. */
  failingEnd: (source: string, id: string) => string;
  /** Returns the examples in the documentation of source code that its runners can run as tests; null if they run none. */
  doctests: ((source: string) => string[]) | null;
  /** Added to the agent's instructions. */
  conventions: string;
}
