export interface LanguageShare {
  name: string;
  bytes: number;
  files: number;
  /** Percent of all counted bytes, 0 to 100, one decimal. */
  share: number;
}

export interface GateCommands {
  /** Installs dependencies; run once per workspace before tests. */
  setup: string | null;
  test: string | null;
  lint: string | null;
  build: string | null;
}

/** One toolchain found in the repository, at `root` ('' is the top). */
export interface Toolchain {
  language: string;
  root: string;
  packageManager: string | null;
  testRunner: string | null;
  commands: GateCommands;
}

/** A folder of code. */
export interface CodeModule {
  /** `.` is the top. */
  path: string;
  files: number;
  bytes: number;
  /** The language with most bytes in it. */
  language: string | null;
  /** Changes of its files in the newest commits. */
  commits: number;
}

/** A file that work keeps coming back to. */
export interface HotSpot {
  path: string;
  bytes: number;
  commits: number;
  authors: number;
  lastChangedAt: string;
}

/** What analysis found out about one commit of a repository. */
export interface CodebaseProfile {
  id: string;
  repositoryId: string;
  commit: string;
  languages: LanguageShare[];
  frameworks: string[];
  packageManagers: string[];
  toolchains: Toolchain[];
  /** Commands of the main toolchain, with the repository's overrides not yet applied. */
  commands: GateCommands;
  totalFiles: number;
  totalBytes: number;
  /** Files left out, by reason: vendored, generated, binary, documentation. */
  excluded: Record<string, number>;
  /** Folders by what is in them, the largest first; null in profiles of earlier versions. */
  modules: CodeModule[] | null;
  /** Files that are large and were changed often lately, the hottest first; null in profiles of earlier versions. */
  hotSpots: HotSpot[] | null;
  createdAt: Date;
}
