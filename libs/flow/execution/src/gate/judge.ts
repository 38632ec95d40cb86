import { MAX_GATE_NAMES, type GateReport, type TestExecution, type TestResults } from '@teko/domain';
import { compare, regressions, type Comparison } from './compare';

/** An execution with the results by test, or null if only the exit code is known. */
export interface Tested {
  execution: TestExecution;
  results: TestResults | null;
}

export interface Evidence {
  base: Tested;
  head: Tested;
  /** Head with the base's test files and runner files, or null if none was changed or the task allows it. */
  restored: Tested | null;
  alteredTests: string[];
  runnerFiles: string[];
  allowTestChanges: boolean;
}

const NO_CHANGES: Comparison = {
  newFailures: [],
  oldFailures: [],
  fixed: [],
  missing: [],
  skipped: [],
  vanished: [],
};

/** Compares the executions and returns the verdict with its reason. */
export function judge(evidence: Evidence): GateReport {
  const { base, head, restored, alteredTests, runnerFiles } = evidence;
  const comparison = comparisonOf(base, head);
  const [verdict, reason] = verdictOf(evidence, comparison);
  const { newFailures, oldFailures, fixed, missing, skipped, vanished } = comparison;
  const lists = {
    newFailures,
    oldFailures,
    fixed,
    missing: [...missing, ...vanished],
    skipped,
    alteredTests,
    runnerFiles,
  };
  const bounded = Object.fromEntries(
    Object.entries(lists).map(([name, list]) => [name, list.slice(0, MAX_GATE_NAMES)]),
  );
  return {
    verdict,
    reason,
    ...(bounded as typeof lists),
    witnesses: [],
    canaries: [],
    executions: [base, head, ...(restored ? [restored] : [])].map(({ execution }) => execution),
  };
}

/** A failure that is no longer reported is fixed if as many other tests pass instead: its file can be loaded again. */
function comparisonOf(base: Tested, head: Tested): Comparison {
  if (!head.results) return NO_CHANGES;
  if (!base.results) return { ...NO_CHANGES, newFailures: [...new Set(head.results.failed)] };
  const comparison = compare(base.results, head.results);
  const { fixed, vanished } = comparison;
  const others = head.results.passed.length - base.results.passed.length - fixed.length;
  return others >= vanished.length ? { ...comparison, fixed: [...fixed, ...vanished], vanished: [] } : comparison;
}

type Judgement = [GateReport['verdict'], string];

function verdictOf(evidence: Evidence, comparison: Comparison): Judgement {
  return (
    failureOf(evidence, comparison) ??
    lossOf(evidence, comparison) ??
    restoredFailureOf(evidence) ?? ['green', greenReason(evidence, comparison)]
  );
}

/** What the execution of the result itself shows. */
function failureOf({ base, head }: Evidence, { newFailures, oldFailures, fixed }: Comparison): Judgement | null {
  const { exitCode, timedOut } = head.execution;
  const code = exitCode ?? 'none';
  if (timedOut) return ['red', 'The tests timed out on the result.'];
  if (!head.results) {
    if (exitCode !== 0) return ['red', `The tests fail on the result (exit code ${code}).`];
    return (
      base.results && ['red', 'The test command succeeded, but wrote no complete report, as it did before the change.']
    );
  }
  const { passed, failed, skipped } = head.results;
  if (passed.length + failed.length + skipped.length === 0) return ['no_tests', 'The test command ran no tests.'];
  if (newFailures.length > 0) {
    const before = base.results ? ' that did not fail before' : ' on the result';
    return ['red', `${count(newFailures)}${before}: ${names(newFailures)}.`];
  }
  if (exitCode === 0)
    return failed.length === 0
      ? null
      : ['red', `The test command succeeded although ${count(failed).toLowerCase()}: ${names(failed)}.`];
  if (failed.length === 0)
    return ['red', `No test is reported as failed, but the test command failed (exit code ${code}).`];
  if (fixed.length === 0) return ['red', `${count(oldFailures)} as before, and none was fixed: ${names(oldFailures)}.`];
  return null;
}

/** Tests of the base that did not run on the result. */
function lossOf(
  { alteredTests, allowTestChanges }: Evidence,
  { missing, skipped, vanished }: Comparison,
): Judgement | null {
  const gone = [...missing, ...vanished];
  const text = lossText(gone, skipped);
  if (!text) return null;
  if (alteredTests.length === 0) return ['red', `${text} No test file was changed, so they did not run.`];
  return allowTestChanges ? null : ['tests_changed', text];
}

function lossText(gone: string[], skipped: string[]): string {
  return [
    gone.length > 0 && `${subject(gone)} no longer reported: ${names(gone)}.`,
    skipped.length > 0 && `${subject(skipped)} skipped now: ${names(skipped)}.`,
  ]
    .filter(Boolean)
    .join(' ');
}

/** Whether the result passes only with its own test files or its own configuration of the runner. */
function restoredFailureOf({ base, head, restored, alteredTests, runnerFiles }: Evidence): Judgement | null {
  if (!restored) return null;
  const failing = failuresOfRestored(base, head, restored);
  if (failing === null) return null;
  if (alteredTests.length + runnerFiles.length === 0)
    return ['tests_changed', `Without the test files that the change adds, the result fails (${names(failing)}).`];
  const what = alteredTests.length > 0 ? 'existing tests' : 'files that steer the test runner';
  return [
    'tests_changed',
    `With the original test files and configuration of the runner, the result fails (${names(failing)}): ${what} were changed to pass.`,
  ];
}

/** Returns the tests that pass only with the changed files, which can be unknown; null if there are none. */
function failuresOfRestored(base: Tested, head: Tested, { execution, results }: Tested): string[] | null {
  if (execution.timedOut) return [];
  if (!base.results || !head.results) {
    if (execution.exitCode === 0) return null;
    const visible = new Set(head.results?.failed ?? []);
    const failed = results?.failed ?? [];
    return failed.length > 0 && failed.every((name) => visible.has(name)) ? null : failed;
  }
  if (!results) return [];
  const restoredChanges = compare(base.results, results);
  const stillFixed = new Set(restoredChanges.fixed);
  const broken = compare(base.results, head.results).fixed.filter((name) => !stillFixed.has(name));
  // A test with the same name in a new file cannot replace one that fails.
  const known = new Set(base.results.passed);
  const hidden = restoredChanges.newFailures.filter((name) => known.has(name));
  const failing = [...new Set([...regressions(base.results, results), ...broken, ...hidden])];
  if (failing.length > 0) return failing;
  const isUnexplained = execution.exitCode !== 0 && head.execution.exitCode === 0 && results.failed.length === 0;
  return isUnexplained ? [] : null;
}

function greenReason({ base, head }: Evidence, { fixed, oldFailures, missing, skipped, vanished }: Comparison): string {
  const loss = lossText([...missing, ...vanished], skipped);
  const allowed = loss && ` The task allows changes to tests: ${loss}`;
  if (oldFailures.length > 0)
    return `${fixed.length === 1 ? 'One failing test was' : `${fixed.length} failing tests were`} fixed. ${count(oldFailures)} as before, unrelated to this change: ${names(oldFailures)}.${allowed}`;
  const tests = head.results ? `all ${head.results.passed.length} tests` : 'the tests';
  if (base.execution.exitCode === 0) return `Before and after the change ${tests} pass.${allowed}`;
  return fixed.length > 0
    ? `The tests failed before (${names(fixed)}); now ${tests} pass.${allowed}`
    : `The tests failed before; now ${tests} pass.${allowed}`;
}

function count(tests: string[]): string {
  return tests.length === 1 ? 'One test fails' : `${tests.length} tests fail`;
}

function subject(tests: string[]): string {
  return tests.length === 1 ? 'One test that existed before is' : `${tests.length} tests that existed before are`;
}

/** Returns the first names, and how many more there are. */
export function names(tests: string[]): string {
  const shown = tests.slice(0, 5).join(', ') || 'names unknown';
  return tests.length > 5 ? `${shown} and ${(tests.length - 5).toLocaleString('en')} more` : shown;
}
