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
  return { execution, results, exceeded: null };
}

const red = ran(1, '!a b c');
const green = ran(0, 'a b c');
const TESTS = ['t.js'];
const SOURCES = ['shop/total.py'];
const CONFIG = ['pytest.ini'];

type Row = [string, Tested, Tested, Partial<Evidence>, GateReport['verdict']];

function reportOf(base: Tested, head: Tested, more: Partial<Evidence> = {}): GateReport {
  const none = { restored: null, alteredTests: [], addedTests: [], alteredDoctests: [], runnerFiles: [] };
  return judge({ base, head, ...none, allowTestChanges: false, unstableNames: 0, ...more });
}

describe('judge', () => {
  it.each<Row>([
    ['fixes the failing test', red, green, {}, 'green'],
    ['keeps green tests green', green, green, {}, 'green'],
    ['by exit code alone', ran(1, null), ran(0, null), {}, 'green'],
    ['by exit code alone, still failing', ran(1, null), ran(1, null), {}, 'red'],
    ['fixes nothing', red, red, {}, 'not_proven'],
    ['fixes nothing, and adds a test that passes', red, ran(1, '!a b c new'), {}, 'green'],
    ['fixes nothing, and a skipped test passes now', ran(1, '!a b ?c'), red, {}, 'green'],
    ['fixes nothing, and adds a test that is skipped', red, ran(1, '!a b c ?new'), {}, 'not_proven'],
    ['fixes nothing, and adds a test with a name that exists', red, ran(1, '!a b c c'), {}, 'green'],
    ['fixes nothing, adds a test and breaks one', red, ran(1, '!a !b c new'), {}, 'red'],
    ['fixes nothing, adds a test and loses one', red, ran(1, '!a b new'), {}, 'red'],
    [
      'fixes nothing, and renames a test, as the task allows',
      red,
      ran(1, '!a b new'),
      { alteredTests: TESTS, allowTestChanges: true },
      'not_proven',
    ],
    ['fixes nothing, and a test has another random name', red, ran(1, '!a b c r2'), { unstableNames: 1 }, 'not_proven'],
    ['fixes nothing, and adds a test without a report of the base', ran(1, null), ran(1, '!a new'), {}, 'red'],
    [
      'fixes nothing, adds a test and weakens one',
      red,
      ran(1, '!a b c new'),
      { alteredTests: TESTS, restored: ran(1, '!a !b c') },
      'tests_changed',
    ],
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
    [
      'a changed file replaces a failing test by others',
      ran(1, '!a b'),
      ran(0, 'b x y'),
      { alteredTests: TESTS, restored: ran(1, '!a b') },
      'tests_changed',
    ],
    [
      'a changed file is loaded again, as it is with the original file',
      ran(1, '!file.js b'),
      ran(0, 'a b c'),
      { alteredTests: TESTS, restored: ran(0, 'a b') },
      'green',
    ],
    [
      'a file is loaded again, and its tests pass only with new test files',
      ran(1, '!file.js'),
      ran(0, 'a b new'),
      { addedTests: ['n.js'], restored: ran(1, 'a !b') },
      'tests_changed',
    ],
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
    ['changes examples that run as tests', green, green, { alteredDoctests: SOURCES }, 'tests_changed'],
    ['corrects a failing example', red, green, { alteredDoctests: SOURCES }, 'tests_changed'],
    ['removes examples', green, ran(0, 'a b'), { alteredDoctests: SOURCES }, 'tests_changed'],
    ['changes examples and fails', green, ran(1, 'a b !c'), { alteredDoctests: SOURCES }, 'red'],
    ['changes examples, as allowed', green, green, { alteredDoctests: SOURCES, allowTestChanges: true }, 'green'],
    ['passes only with new configuration', red, green, { runnerFiles: CONFIG, restored: red }, 'tests_changed'],
    ['skips a failing test and adds one', red, ran(0, '?a b c new'), {}, 'red'],
    [
      'deselects a test, as the task allows',
      red,
      ran(0, 'b c new'),
      { runnerFiles: CONFIG, allowTestChanges: true },
      'green',
    ],
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

  it.each([
    ['tests', { alteredTests: TESTS }],
    ['the configuration of the runner', { runnerFiles: CONFIG }],
  ])('does not count a failing test as fixed that is gone with changed %s, as the task allows', (_what, changed) => {
    const report = reportOf(ran(1, '!a b'), ran(0, 'b x y'), { ...changed, allowTestChanges: true });
    expect(report).toMatchObject({ verdict: 'green', fixed: [], missing: ['a'] });
  });

  it.each<[string, Tested, Tested, Partial<Evidence>, RegExp]>([
    [
      'tests that cannot run',
      ran(1, '!a'),
      ran(1, '!a'),
      {},
      /^One test fails as before.* No test passes at all: if packages are missing/,
    ],
    ['unrelated failures', red, ran(1, '!a b c new'), {}, /^One new test passes \(new\)\. One test fails as before: /],
    [
      'unrelated failures',
      ran(1, '!a !o b'),
      ran(1, 'a !o b'),
      {},
      /^One failing test was fixed\. One test fails as before/,
    ],
    [
      'what is missing',
      red,
      red,
      {},
      /^One test fails as before, and no test .*: a\. Fix it, or add a test that fails without the change\.$/,
    ],
    ['what is missing', ran(1, '!a !b'), ran(1, '!a !b'), {}, /^2 tests fail as before.*: a, b\. Fix them, or/],
    [
      'tests that fail as they were',
      red,
      green,
      { alteredTests: TESTS, restored: red },
      /the result fails \(a\): it passes only because existing tests were changed\.$/,
    ],
    [
      'files that do not load any more',
      green,
      green,
      { alteredTests: TESTS, restored: ran(2, '!tests.test_a') },
      /^The original tests no longer load .* \(tests\.test_a\), .* renamed or moved\. Keep the old path, .* allow changes/,
    ],
    [
      'files that do not load any more, of which a test failed before',
      red,
      green,
      { alteredTests: TESTS, restored: ran(2, '!tests.test_a') },
      /no longer load .* \(tests\.test_a\)/,
    ],
    [
      'a file that does not load any more among others',
      green,
      green,
      { alteredTests: TESTS, restored: ran(1, 'b c !t.js') },
      /no longer load .* \(t\.js\)/,
    ],
    ['tests that end early', green, green, { alteredTests: TESTS, restored: ran(1, null) }, /end early \(t\.js\)/],
    [
      'configuration that does not load any more',
      green,
      green,
      { runnerFiles: CONFIG, restored: ran(4, null) },
      /no longer load .* \(pytest\.ini\)/,
    ],
    [
      'tests that fail beside a file that does not load',
      green,
      green,
      { alteredTests: TESTS, restored: ran(1, '!b c !t.js') },
      /existing tests were changed/,
    ],
    [
      'tests that are deselected as configured before',
      green,
      green,
      { runnerFiles: CONFIG, restored: ran(0, 'a b') },
      /files that steer the test runner \(pytest\.ini\) were changed/,
    ],
    [
      'new test files that the code needs',
      green,
      green,
      { addedTests: ['spec/a.js'], restored: ran(1, '!a !b !c') },
      /^Without the test files that the change adds \(spec\/a\.js\), the result fails \(a, b, c\)\. If the code needs/,
    ],
    [
      'a failing test that is skipped',
      red,
      ran(0, '?a b c new'),
      {},
      /^One test that existed before is skipped now: a\./,
    ],
    [
      'configuration that deselects a test',
      green,
      ran(0, 'b c'),
      { runnerFiles: CONFIG, restored: green },
      /Only files that steer the test runner were changed \(pytest\.ini\), so they did not run\.$/,
    ],
    [
      'tests that time out',
      green,
      green,
      { alteredTests: TESTS, restored: ran(null, '', { timedOut: true }) },
      /the tests of the result time out/,
    ],
    ['changed examples', green, green, { alteredDoctests: SOURCES }, /^Examples in .* \(shop\/total\.py\)\. Keep them/],
    [
      'the limit of the result',
      green,
      { ...ran(null, null), exceeded: 'Too much.' },
      {},
      /exit code none\)\. Too much\.$/,
    ],
    ['the limit of the base', { ...red, exceeded: 'Too much.' }, red, {}, /Too much\.$/],
  ])('names %s', (_what, base, head, more, reason) => {
    expect(reportOf(base, head, more).reason).toMatch(reason);
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
