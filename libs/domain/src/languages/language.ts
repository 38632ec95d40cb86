/** How to detect and run a test runner and get its report. */
export interface TestRunner {
  id: string;
  /** Any of these files in the project root indicates this runner; `contains` requires a text in the file. */
  markers: { file: string; contains?: string }[];
  /** Shell command that runs all tests. */
  command: string;
  /** Arguments that write a JUnit report to `{report}`; null if the runner cannot write one. */
  junitArgs: string | null;
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
  /** Added to the agent's instructions. */
  conventions: string;
}
