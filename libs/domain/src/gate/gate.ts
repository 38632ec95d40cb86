/** One execution of the repository's tests on one tree. */
export interface TestExecution {
  /** 'base': the base commit; 'head': the result; 'head-with-base-tests': the result with the base's test files restored. */
  tree: 'base' | 'head' | 'head-with-base-tests';
  commit: string;
  command: string;
  exitCode: number | null;
  timedOut: boolean;
  durationMs: number;
  /** Results by test, parsed from the runner's report; null if only the exit code is known. */
  tests: { passed: number; failed: string[]; skipped: number; total: number } | null;
  /** Start and end of the output. */
  output: string;
}

export type GateVerdict = 'green' | 'red' | 'no_change' | 'no_tests' | 'tests_changed' | 'not_proven';

/** An agent's own report of its work. These are claims; only the gate is evidence. */
export interface FinishReport {
  title: string;
  summary: string;
  /** Requested work that was not done. */
  notDone?: string;
  /** Acceptance criteria with the evidence that each is met. */
  criteria?: { criterion: string; evidence: string }[];
}

/** The evidence for or against a result. It is computed by comparing test executions, never from a model's claims. */
export interface GateReport {
  verdict: GateVerdict;
  /** One sentence for the user, with the names of tests if known. */
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
