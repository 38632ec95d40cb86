import type { NewFile } from '../git/work-tree';

/**
 * `base`: the base commit; `head`: the result; `head-with-base-tests`: the result with the base's test files and files that
 * steer the runner; `base-with-head-tests`: the base commit with the result's test files.
 */
export type TestedTree = 'base' | 'head' | 'head-with-base-tests' | 'base-with-head-tests';

/** One execution of the repository's tests on one tree. */
export interface TestExecution {
  tree: TestedTree;
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

/** Names of tests by result, as reported by the runner. A name that was reported several times is contained several times. */
export interface TestResults {
  passed: string[];
  failed: string[];
  skipped: string[];
}

/**
 * A deliberate fault that the tests must detect, or they prove nothing. `broken_code`: all source files fail when they are loaded;
 * `failing_test`: a failing test is added to each test file.
 */
export interface Canary {
  kind: 'broken_code' | 'failing_test';
  tree: 'base' | 'head';
  /** `not_possible`: the fault cannot be made for these tests; `detail` says why. */
  result: 'detected' | 'missed' | 'not_possible';
  /** One sentence for the user. */
  detail: string;
  /** Milliseconds that the tests ran; 0 if the result of an earlier run was used. */
  durationMs: number;
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
  /** New files that belong to the change although no edit tool wrote them. */
  newFiles?: NewFile[];
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
  /** Reported on base, but not on head. */
  missing: string[];
  /** Passing or failing on base, and skipped on head. */
  skipped: string[];
  /** Tests that fail before the change and pass after it. Looked for if the task reports a bug or if tests fail as before. */
  witnesses: string[];
  /** Files of existing tests that the change altered or removed. */
  alteredTests: string[];
  /** Changed files that steer the test runner. */
  runnerFiles: string[];
  canaries: Canary[];
  executions: TestExecution[];
}

/** Maximum of names in each list of a gate report. */
export const MAX_GATE_NAMES = 2_000;

/** Returns the report with all fields; reports of earlier versions have fewer. */
export function completeGateReport(report: GateReport): GateReport {
  const added = { missing: [], skipped: [], witnesses: [], runnerFiles: [], canaries: [] };
  return { ...added, ...report };
}
