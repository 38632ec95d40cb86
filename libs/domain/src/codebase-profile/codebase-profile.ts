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

/** A toolchain detected in the folder `root` of the repository ('' is the root folder). */
export interface Toolchain {
  language: string;
  root: string;
  packageManager: string | null;
  testRunner: string | null;
  commands: GateCommands;
}

/** A folder with source code. */
export interface CodeModule {
  /** Path from the root of the repository; `.` is the root itself. */
  path: string;
  files: number;
  bytes: number;
  /** The language with the most bytes in the folder. */
  language: string | null;
  /** Number of recent commits that changed files of the folder. */
  commits: number;
}

/** A large file that was changed often in recent commits. */
export interface HotSpot {
  path: string;
  bytes: number;
  commits: number;
  authors: number;
  lastChangedAt: string;
}

/** The result of analysing one commit of a repository. */
export interface CodebaseProfile {
  id: string;
  repositoryId: string;
  commit: string;
  languages: LanguageShare[];
  frameworks: string[];
  packageManagers: string[];
  toolchains: Toolchain[];
  /** Commands of the main toolchain, without the repository's overrides. */
  commands: GateCommands;
  totalFiles: number;
  totalBytes: number;
  /** Number of excluded files by reason: vendored, generated, binary, documentation. */
  excluded: Record<string, number>;
  /** Folders with source code, largest first; null in profiles of earlier versions. */
  modules: CodeModule[] | null;
  /** Hot spots, hottest first; null in profiles of earlier versions. */
  hotSpots: HotSpot[] | null;
  createdAt: Date;
}
