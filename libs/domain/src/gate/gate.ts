/** One execution of the repository's tests on one tree. */
export interface TestExecution {
  /** 'base': the base commit; 'head': the result; 'head-with-base-tests': the result with the base's test files put back. */
  tree: 'base' | 'head' | 'head-with-base-tests';
  commit: string;
  command: string;
  exitCode: number | null;
  timedOut: boolean;
  durationMs: number;
  /** Tests by name when the runner's report could be read; null when only the exit code is known. */
  tests: { passed: number; failed: string[]; skipped: number; total: number } | null;
  /** Head and tail of the output. */
  output: string;
}

export type GateVerdict = 'green' | 'red' | 'no_change' | 'no_tests' | 'tests_changed';

/** What an agent says of its work when it ends. Claims: only the gate is evidence. */
export interface FinishReport {
  title: string;
  summary: string;
  /** What was asked for and not done. */
  notDone?: string;
  /** What was to be fulfilled, and what shows that it is. */
  criteria?: { criterion: string; evidence: string }[];
}

/** The evidence that a result is good or not. Computed by comparing executions, never from what a model says. */
export interface GateReport {
  verdict: GateVerdict;
  /** One sentence for people, naming tests where known. */
  reason: string;
  /** Failing on head but not on base. */
  newFailures: string[];
  /** Failing on both. */
  oldFailures: string[];
  /** Failing on base and passing on head. */
  fixed: string[];
  /** Files of existing tests that the change altered or removed. */
  alteredTests: string[];
  executions: TestExecution[];
}
