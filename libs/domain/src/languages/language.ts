/** How one test runner is recognised, called and read. */
export interface TestRunner {
  id: string;
  /** Files in the project root that prove it, any of them; `contains` narrows to files with that text. */
  markers: { file: string; contains?: string }[];
  /** Shell command that runs all tests. */
  command: string;
  /** What to append so that a JUnit report is written to `{report}`; null where the runner cannot. */
  junitArgs: string | null;
}

export interface PackageManager {
  id: string;
  markers: string[];
  /** Shell command that installs dependencies from the lock file. */
  setup: string;
}

/** A language as data: how to find its toolchain, prove a result and write in its manner. */
export interface Language {
  id: string;
  title: string;
  /** Linguist language names that this agent works on. */
  linguist: string[];
  /** Files whose presence in a folder makes it a project root of this language. */
  manifests: string[];
  packageManagers: PackageManager[];
  /** In order of preference. The last may have no markers: the fallback. */
  testRunners: TestRunner[];
  lint: { markers: { file: string; contains?: string }[]; command: string }[];
  /** Framework name by dependency name in a manifest. */
  frameworks: Record<string, string>;
  /** Matches paths of test files, relative to the repository's top. */
  testFiles: RegExp[];
  /** Added to the agent's instructions. */
  conventions: string;
}
