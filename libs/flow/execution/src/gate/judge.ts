import type { GateReport, TestExecution } from '@teko/domain';

export interface Evidence {
  base: TestExecution;
  head: TestExecution;
  /** Head with the test files of the base restored, or null if no existing test was changed or the task allows it. */
  restored: TestExecution | null;
  alteredTests: string[];
}

/** Compares the executions and returns the verdict with its reason. */
export function judge({ base, head, restored, alteredTests }: Evidence): GateReport {
  const before = new Set(base.tests?.failed ?? []);
  const after = new Set(head.tests?.failed ?? []);
  const comparable = base.tests !== null && head.tests !== null;
  const newFailures = [...after].filter((name) => !before.has(name));
  const oldFailures = [...after].filter((name) => before.has(name));
  const fixed = comparable ? [...before].filter((name) => !after.has(name)) : [];
  const report = (verdict: GateReport['verdict'], reason: string): GateReport => ({
    verdict,
    reason,
    newFailures,
    oldFailures,
    fixed,
    alteredTests,
    executions: [base, head, ...(restored ? [restored] : [])],
  });

  if (head.timedOut) return report('red', 'The tests timed out on the result.');
  if (head.tests?.total === 0) return report('no_tests', 'The test command ran no tests.');
  const passes = head.exitCode === 0;
  if (!passes && !comparable)
    return report('red', `The tests fail on the result (exit code ${head.exitCode ?? 'none'}).`);
  if (newFailures.length > 0)
    return report('red', `${count(newFailures)} that did not fail before: ${names(newFailures)}.`);
  if (!passes && after.size === 0)
    return report(
      'red',
      `No test is reported as failed, but the test command failed (exit code ${head.exitCode ?? 'none'}).`,
    );
  if (!passes && fixed.length === 0)
    return report('red', `${count(oldFailures)} as before, and none was fixed: ${names(oldFailures)}.`);
  if (comparable && head.tests!.passed < base.tests!.passed) {
    return report(
      'tests_changed',
      `${base.tests!.passed - head.tests!.passed} fewer tests pass than before: tests were removed or disabled.`,
    );
  }
  if (restored && hidesFailure(restored, head)) {
    return report(
      'tests_changed',
      `With the original test files restored, the result fails (${names(restored.tests?.failed ?? [])}): existing tests were changed to pass.`,
    );
  }
  return report('green', greenReason(base, head, fixed, oldFailures));
}

/** Returns whether the original tests fail where the changed ones pass. */
function hidesFailure(restored: TestExecution, head: TestExecution): boolean {
  if (restored.exitCode === 0 && !restored.timedOut) return false;
  const visible = new Set(head.tests?.failed ?? []);
  const failed = restored.tests?.failed ?? [];
  return failed.length === 0 || failed.some((name) => !visible.has(name));
}

function greenReason(base: TestExecution, head: TestExecution, fixed: string[], oldFailures: string[]): string {
  if (oldFailures.length > 0)
    return `${fixed.length === 1 ? 'One failing test was' : `${fixed.length} failing tests were`} fixed. ${count(oldFailures)} as before, unrelated to this change: ${names(oldFailures)}.`;
  const tests = head.tests ? `all ${head.tests.passed} tests` : 'the tests';
  if (base.exitCode === 0) return `Before and after the change ${tests} pass.`;
  return fixed.length > 0
    ? `The tests failed before (${names(fixed)}); now ${tests} pass.`
    : `The tests failed before; now ${tests} pass.`;
}

function count(tests: string[]): string {
  return tests.length === 1 ? 'One test fails' : `${tests.length} tests fail`;
}

function names(tests: string[]): string {
  const shown = tests.slice(0, 5).join(', ') || 'names unknown';
  return tests.length > 5 ? `${shown} and ${tests.length - 5} more` : shown;
}
