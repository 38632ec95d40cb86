import type { TestExecution } from '@teko/domain';
import { describe, expect, it } from 'vitest';
import { judge } from './judge';
import { parseJunit } from './junit';

const run = (
  exitCode: number | null,
  failed: string[] | null,
  passed = 5,
  patch: Partial<TestExecution> = {},
): TestExecution => ({
  tree: 'head',
  commit: 'c',
  command: 'test',
  exitCode,
  timedOut: false,
  durationMs: 1,
  tests: failed && { failed, passed, skipped: 0, total: passed + failed.length },
  output: '',
  ...patch,
});
const red = run(1, ['a'], 4);
const green = run(0, []);
const verdict = (base: TestExecution, head: TestExecution, restored: TestExecution | null = null) =>
  judge({ base, head, restored, alteredTests: restored ? ['t'] : [] }).verdict;

describe('judge', () => {
  it.each<[string, TestExecution, TestExecution, TestExecution | null, string]>([
    ['fixes the failing test', red, green, null, 'green'],
    ['keeps green tests green', green, green, null, 'green'],
    ['by exit code alone', run(1, null), run(0, null), null, 'green'],
    ['by exit code alone, still failing', run(1, null), run(1, null), null, 'red'],
    ['fixes nothing', red, red, null, 'red'],
    ['breaks another test', red, run(1, ['b'], 4), null, 'red'],
    ['breaks a test of a green base', green, run(1, ['b'], 4), null, 'red'],
    ['fixes one of two, the other failed before', run(1, ['a', 'old'], 3), run(1, ['old'], 4), null, 'green'],
    ['fixes one and breaks one', run(1, ['a', 'old'], 3), run(1, ['new'], 4), null, 'red'],
    ['removes a passing test', run(1, ['a'], 5), run(0, [], 4), null, 'tests_changed'],
    ['changes the failing test', red, green, run(1, ['a'], 4), 'tests_changed'],
    ['changes tests that fail without names when restored', red, green, run(1, null), 'tests_changed'],
    ['adds to a test file and fixes the code', red, green, green, 'green'],
    [
      'adds to a test file, an old failure remains',
      run(1, ['a', 'old'], 3),
      run(1, ['old'], 5),
      run(1, ['old'], 4),
      'green',
    ],
    ['runs no tests', red, run(0, [], 0), null, 'no_tests'],
    ['times out', red, run(null, [], 0, { timedOut: true }), null, 'red'],
    ['fails without a failing test', green, run(2, [], 5), null, 'red'],
    ['the base has no valid report', run(2, null), green, null, 'green'],
  ])('%s', (_what, base, head, restored, expected) => {
    expect(verdict(base, head, restored)).toBe(expected);
  });

  it('lists new, old and fixed failures', () => {
    const report = judge({
      base: run(1, ['a', 'old'], 3),
      head: run(1, ['old', 'new'], 3),
      restored: null,
      alteredTests: [],
    });
    expect(report).toMatchObject({ newFailures: ['new'], oldFailures: ['old'], fixed: ['a'] });
    expect(report.reason).toContain('new');
  });
});

describe('parseJunit', () => {
  it.each([
    [
      'node',
      '<?xml version="1.0"?><testsuites><testcase name="days" classname="test"/><testsuite name="s"><testcase name="weeks" classname="test"><failure type="x">m</failure></testcase></testsuite></testsuites>',
      { failed: ['s › weeks'], passed: 1, skipped: 0, total: 2 },
    ],
    [
      'pytest',
      '<testsuites><testsuite name="pytest"><testcase classname="tests.test_a" name="test_x"><error>e</error></testcase><testcase classname="tests.test_a" name="test_y"><skipped/></testcase></testsuite></testsuites>',
      { failed: ['tests.test_a › test_x'], passed: 0, skipped: 1, total: 2 },
    ],
    [
      'phpunit',
      '<testsuites><testsuite name=""><testsuite name="unit"><testsuite name="ATest"><testcase name="testA" class="ATest" classname="ATest"/></testsuite></testsuite></testsuite></testsuites>',
      { failed: [], passed: 1, skipped: 0, total: 1 },
    ],
    ['an empty run', '<testsuites/>', null],
    ['text', 'ok 1', null],
    ['broken XML', '<testsuites><testsuite><', null],
  ])('%s', (_runner, xml, tests) => {
    if (tests) expect(parseJunit(xml)).toEqual(tests);
    else expect(parseJunit(xml)?.total ?? 0).toBe(0);
  });
});
