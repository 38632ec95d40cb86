import type { GateReport, TestExecution, TestResults } from '@teko/domain';
import { describe, expect, it } from 'vitest';
import { judge, type Evidence, type Tested } from './judge';

/** An execution; tests are written as `a b` (passed), `!a` (failed) and `?a` (skipped), or null without a report. */
function ran(exitCode: number | null, tests: string | null, patch: Partial<TestExecution> = {}): Tested {
  const results: TestResults | null = tests === null ? null : { passed: [], failed: [], skipped: [] };
  for (const test of tests?.split(' ').filter(Boolean) ?? []) {
    const status = test.startsWith('!') ? 'failed' : test.startsWith('?') ? 'skipped' : 'passed';
    results![status].push(test.replace(/^[!?]/, ''));
  }
  const execution: TestExecution = {
    ...{
      tree: 'head',
      commit: 'c',
      command: 'test',
      exitCode,
      timedOut: false,
      durationMs: 1,
      tests: null,
      output: '',
    },
    ...patch,
  };
  return { execution, results };
}

const red = ran(1, '!a b c');
const green = ran(0, 'a b c');
const TESTS = ['t.js'];
const CONFIG = ['pytest.ini'];

type Row = [string, Tested, Tested, Partial<Evidence>, GateReport['verdict']];

function reportOf(base: Tested, head: Tested, more: Partial<Evidence> = {}): GateReport {
  return judge({ base, head, restored: null, alteredTests: [], runnerFiles: [], allowTestChanges: false, ...more });
}

describe('judge', () => {
  it.each<Row>([
    ['fixes the failing test', red, green, {}, 'green'],
    ['keeps green tests green', green, green, {}, 'green'],
    ['by exit code alone', ran(1, null), ran(0, null), {}, 'green'],
    ['by exit code alone, still failing', ran(1, null), ran(1, null), {}, 'red'],
    ['fixes nothing', red, red, {}, 'red'],
    ['breaks another test', red, ran(1, 'a !b c'), {}, 'red'],
    ['breaks a test of a green base', green, ran(1, 'a !b c'), {}, 'red'],
    ['adds a test that fails', green, ran(1, 'a b c !new'), {}, 'red'],
    ['fixes one of two, the other failed before', ran(1, '!a !old b'), ran(1, 'a !old b'), {}, 'green'],
    ['fixes one and breaks one', ran(1, '!a !old b'), ran(1, 'a !old !b'), {}, 'red'],
    ['runs no tests', red, ran(0, ''), {}, 'no_tests'],
    ['times out', red, ran(null, '', { timedOut: true }), {}, 'red'],
    ['fails without a failing test', green, ran(2, 'a b c'), {}, 'red'],
    ['succeeds with a failing test', green, ran(0, 'a b !c'), {}, 'red'],
    ['succeeds with a test that failed before', red, ran(0, '!a b c'), {}, 'red'],
    ['the base has no report', ran(2, null), green, {}, 'green'],
    ['the base has no report, and a test fails', ran(2, null), ran(1, 'a !b'), {}, 'red'],
    ['has no report any more', green, ran(0, null), {}, 'red'],
    ['has no report any more and fails', green, ran(1, null), {}, 'red'],
    ['reports fewer tests', green, ran(0, 'a b'), {}, 'red'],
    ['reports fewer tests and adds others', green, ran(0, 'a b new other'), {}, 'red'],
    ['skips a test', green, ran(0, 'a b ?c'), {}, 'red'],
    ['reports a test once that ran twice', ran(0, 'a a b'), ran(0, 'a b'), {}, 'red'],
    ['a test with the same name fails', ran(0, 'a a b'), ran(1, 'a !a b'), {}, 'red'],
    ['a failing test vanishes', ran(1, '!a b c'), ran(0, 'b c'), {}, 'red'],
    ['a failing test vanishes, though others are added', ran(1, '!a !d b'), ran(0, 'a b'), {}, 'red'],
    ['a file that did not load is loaded again', ran(1, '!file.js b'), ran(0, 'a b c'), {}, 'green'],
    ['a file is loaded again, an old failure remains', ran(1, '!file.js !old b'), ran(1, '!old a b'), {}, 'green'],
    ['a changed file removes a test', green, ran(0, 'a b'), { alteredTests: TESTS, restored: green }, 'tests_changed'],
    ['a changed file skips a test', green, ran(0, 'a b ?c'), { alteredTests: TESTS, restored: green }, 'tests_changed'],
    [
      'a changed file renames a test',
      green,
      ran(0, 'a b d'),
      { alteredTests: TESTS, restored: green },
      'tests_changed',
    ],
    ['the task allows to remove it', green, ran(0, 'a b'), { alteredTests: TESTS, allowTestChanges: true }, 'green'],
    ['the task allows changes, but none explains it', green, ran(0, 'a b'), { allowTestChanges: true }, 'red'],
    ['changes the failing test', red, green, { alteredTests: TESTS, restored: red }, 'tests_changed'],
    ['fails without names when restored', red, green, { alteredTests: TESTS, restored: ran(1, null) }, 'tests_changed'],
    [
      'adds to a test file and fixes the code',
      red,
      ran(0, 'a b c new'),
      { alteredTests: TESTS, restored: green },
      'green',
    ],
    [
      'adds to a test file, an old failure remains',
      ran(1, '!a !old b'),
      ran(1, 'a !old b new'),
      { alteredTests: TESTS, restored: ran(1, 'a !old b') },
      'green',
    ],
    [
      'new tests need new configuration',
      green,
      ran(0, 'a b c new'),
      { runnerFiles: CONFIG, restored: ran(1, 'a b c !new') },
      'green',
    ],
    ['passes only with new configuration', red, green, { runnerFiles: CONFIG, restored: red }, 'tests_changed'],
    ['deselects a test', red, ran(0, 'b c'), { runnerFiles: CONFIG, restored: red }, 'red'],
    [
      'moves a test with the same name and weakens it',
      green,
      green,
      { alteredTests: TESTS, restored: ran(1, 'a !a b c') },
      'tests_changed',
    ],
    ['has no report when restored', green, green, { runnerFiles: CONFIG, restored: ran(0, null) }, 'tests_changed'],
    ['runs less when restored', green, green, { runnerFiles: CONFIG, restored: ran(0, 'a b') }, 'tests_changed'],
    [
      'times out when restored',
      green,
      green,
      { runnerFiles: CONFIG, restored: ran(null, '', { timedOut: true }) },
      'tests_changed',
    ],
    [
      'fails when restored, by exit code',
      ran(0, null),
      ran(0, null),
      { runnerFiles: CONFIG, restored: ran(1, null) },
      'tests_changed',
    ],
  ])('%s', (_what, base, head, more, expected) => {
    expect(reportOf(base, head, more).verdict).toBe(expected);
  });

  it('lists failures, fixed, missing and skipped tests', () => {
    const report = reportOf(ran(1, '!a !old gone off same'), ran(1, 'a !old !new ?off same'));
    expect(report).toMatchObject({
      ...{ newFailures: ['new'], oldFailures: ['old'], fixed: ['a'], missing: ['gone'], skipped: ['off'] },
    });
    expect(report.reason).toContain('new');
  });

  it('names removed tests that the task allows', () => {
    const report = reportOf(green, ran(0, 'a ?b'), { alteredTests: TESTS, allowTestChanges: true });
    expect(report.reason).toMatch(/One test that existed before is no longer reported: c\..*skipped now: b\./);
  });

  it('bounds lists and cuts sentences', () => {
    const many = Array.from({ length: 5_000 }, (_, i) => `t${i}`).join(' ');
    const report = reportOf(ran(0, many), ran(0, 'a'));
    expect(report.missing).toHaveLength(2_000);
    expect(report.reason).toContain('t4 and 4,995 more');
  });
});
