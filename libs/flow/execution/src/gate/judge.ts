import { MAX_GATE_NAMES, type GateReport, type TestExecution, type TestResults } from '@teko/domain';
import { compare, NO_CHANGES, regressions, type Comparison } from './compare';

/** An execution with the results by test, or null if only the exit code is known. */
export interface Tested {
  execution: TestExecution;
  results: TestResults | null;
  /** Which limit the execution or its report exceeded and how to stay below it, in sentences; or null. */
  exceeded: string | null;
}

export interface Evidence {
  base: Tested;
  head: Tested;
  /** Head with the base's test files and runner files, or null if none was changed or the task allows it. */
  restored: Tested | null;
  alteredTests: string[];
  /** Test files that the change added and that `restored` does not have. */
  addedTests: string[];
  /** Source files of the base whose examples, which are tests, were changed or removed. */
  alteredDoctests: string[];
  runnerFiles: string[];
  allowTestChanges: boolean;
  /** How many tests of the base had names that change with each execution; they are not in its results. */
  unstableNames: number;
}

/** Compares the executions and returns the verdict with its reason. */
export function judge(evidence: Evidence): GateReport {
  const { base, head, restored, runnerFiles } = evidence;
  const comparison = comparisonOf(evidence);
  const [verdict, text] = verdictOf(evidence, comparison);
  const exceeded = [head, base, restored].flatMap((tested) => tested?.exceeded ?? []);
  const reason = [text, ...exceeded.slice(0, 1)].join(' ');
  const { newFailures, oldFailures, fixed, missing, skipped, vanished } = comparison;
  const lists = {
    newFailures,
    oldFailures,
    fixed,
    missing: [...missing, ...vanished],
    skipped,
    alteredTests: alteredOf(evidence),
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

function comparisonOf(evidence: Evidence): Comparison {
  const { base, head, allowTestChanges } = evidence;
  if (!head.results) return NO_CHANGES;
  if (!base.results) return { ...NO_CHANGES, newFailures: [...new Set(head.results.failed)] };
  // Nothing restores the tests and their configuration, so a failing one may just have been removed.
  if (allowTestChanges && steeringOf(evidence).length > 0) return compare(base.results, head.results);
  return compareLoaded(base.results, head.results);
}

function alteredOf({ alteredTests, alteredDoctests }: Evidence): string[] {
  return [...alteredTests, ...alteredDoctests];
}

/** Returns the changed files that can decide which tests run. */
function steeringOf(evidence: Evidence): string[] {
  return [...alteredOf(evidence), ...evidence.runnerFiles];
}

/** A failure that is no longer reported is fixed if as many other tests pass instead: its file can be loaded again. */
function compareLoaded(before: TestResults, after: TestResults): Comparison {
  const comparison = compare(before, after);
  const { fixed, vanished } = comparison;
  const others = after.passed.length - before.passed.length - fixed.length;
  return others >= vanished.length ? { ...comparison, fixed: [...fixed, ...vanished], vanished: [] } : comparison;
}

type Judgement = [GateReport['verdict'], string];

function verdictOf(evidence: Evidence, comparison: Comparison): Judgement {
  return (
    failureOf(evidence, comparison) ??
    lossOf(evidence, comparison) ??
    restoredFailureOf(evidence) ??
    alterationOf(evidence) ??
    doubtOf(evidence, comparison) ?? ['green', greenReason(evidence, comparison)]
  );
}

/** What the execution of the result itself shows. */
function failureOf({ base, head }: Evidence, { newFailures }: Comparison): Judgement | null {
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
  return failed.length === 0
    ? ['red', `No test is reported as failed, but the test command failed (exit code ${code}).`]
    : null;
}

/** Whether tests were changed that cannot be restored to try them on the result. */
function alterationOf({ alteredDoctests, allowTestChanges }: Evidence): Judgement | null {
  if (allowTestChanges || alteredDoctests.length === 0) return null;
  return [
    'tests_changed',
    `Examples in the documentation of the code, which run as tests, were changed or removed (${names(alteredDoctests)}). Keep them as they are, or allow changes to existing tests for the task.`,
  ];
}

/** Whether tests fail as before and no other test shows what the change does. */
function doubtOf(evidence: Evidence, comparison: Comparison): Judgement | null {
  const { oldFailures, fixed } = comparison;
  if (oldFailures.length === 0 || fixed.length > 0 || hasNewTests(evidence, comparison)) return null;
  const hint =
    evidence.head.results?.passed.length === 0
      ? ' No test passes at all: if packages are missing, check the set-up command of the repository.'
      : '';
  return ['not_proven', `${unshown(oldFailures)}${hint}`];
}

/** Returns the reason for a result with failures as before, of which no test shows anything. */
export function unshown(oldFailures: string[]): string {
  const them = oldFailures.length === 1 ? 'it' : 'them';
  return `${count(oldFailures)} as before, and no test shows what the change does: ${names(oldFailures)}. Fix ${them}, or add a test that fails without the change.`;
}

/** Whether more tests are new and pass than were removed or renamed. */
function hasNewTests({ unstableNames }: Evidence, { added, missing, vanished }: Comparison): boolean {
  return added.length > missing.length + vanished.length + unstableNames;
}

/** Tests of the base that did not run on the result. */
function lossOf(evidence: Evidence, { missing, skipped, vanished }: Comparison): Judgement | null {
  const gone = [...missing, ...vanished];
  const text = lossText(gone, skipped);
  const { allowTestChanges, runnerFiles } = evidence;
  if (!text || (allowTestChanges && steeringOf(evidence).length > 0)) return null;
  if (alteredOf(evidence).length > 0) return ['tests_changed', text];
  const cause =
    runnerFiles.length > 0
      ? `Only files that steer the test runner were changed (${names(runnerFiles)}), so`
      : 'No test file was changed, so';
  return ['red', `${text} ${cause} they did not run.`];
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
function restoredFailureOf(evidence: Evidence): Judgement | null {
  const { base, head, restored, alteredTests, addedTests, runnerFiles } = evidence;
  if (!restored) return null;
  const failing = failuresOfRestored(base, head, restored);
  if (failing === null) return null;
  if (alteredTests.length + runnerFiles.length === 0)
    return [
      'tests_changed',
      `Without the test files that the change adds (${names(addedTests)}), the result fails (${names(failing)}). If the code needs one of them, move it to a path that is not a test's.`,
    ];
  const original = 'With the original test files and configuration of the runner,';
  if (restored.execution.timedOut) return ['tests_changed', `${original} the tests of the result time out.`];
  const unloaded = unloadedOf(base, restored, failing);
  if (unloaded) {
    const shown = unloaded.length > 0 ? unloaded : [...alteredTests, ...runnerFiles];
    return [
      'tests_changed',
      `The original tests no longer load with the result or end early (${names(shown)}), for example because a module was renamed or moved. Keep the old path, for example as a module that imports the new one, or allow changes to existing tests for the task.`,
    ];
  }
  const what = alteredTests.length > 0 ? 'existing tests' : `files that steer the test runner (${names(runnerFiles)})`;
  return [
    'tests_changed',
    `${original} the result fails (${names(failing)}): it passes only because ${what} were changed.`,
  ];
}

/** Returns what fails in place of the tests if none of those that are lost is reported, or null if tests themselves fail. */
function unloadedOf(base: Tested, { execution, results }: Tested, failing: string[]): string[] | null {
  if (execution.exitCode === 0 || !base.results) return null;
  if (!results) return [];
  const reported = new Set([...results.passed, ...results.failed, ...results.skipped]);
  if (failing.length === 0 || failing.some((name) => reported.has(name))) return null;
  return compare(base.results, results).newFailures;
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
  const restoredChanges = compareLoaded(base.results, results);
  const stillFixed = new Set(restoredChanges.fixed);
  const broken = compareLoaded(base.results, head.results).fixed.filter((name) => !stillFixed.has(name));
  // A test with the same name in a new file cannot replace one that fails. Of files that did not load on base, all tests are original.
  const known = new Set(base.results.passed);
  const isLoadedAgain = restoredChanges.fixed.length > compare(base.results, results).fixed.length;
  const hidden = restoredChanges.newFailures.filter((name) => isLoadedAgain || known.has(name));
  const failing = [...new Set([...regressions(base.results, results), ...broken, ...hidden])];
  if (failing.length > 0) return failing;
  const isUnexplained = execution.exitCode !== 0 && head.execution.exitCode === 0 && results.failed.length === 0;
  return isUnexplained ? [] : null;
}

function greenReason(evidence: Evidence, comparison: Comparison): string {
  const { base, head } = evidence;
  const { fixed, oldFailures, added, missing, skipped, vanished } = comparison;
  const loss = lossText([...missing, ...vanished], skipped);
  const allowed = loss && ` The task allows changes to tests: ${loss}`;
  if (oldFailures.length > 0) {
    const shown =
      fixed.length > 0
        ? `${fixed.length === 1 ? 'One failing test was' : `${fixed.length} failing tests were`} fixed.`
        : `${added.length === 1 ? 'One new test passes' : `${added.length} new tests pass`} (${names(added)}).`;
    return `${shown} ${count(oldFailures)} as before: ${names(oldFailures)}.${allowed}`;
  }
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
