import type { GateVerdict, Task } from '@teko/domain';
import { createSandbox } from '@teko/sandbox';
import { FULL } from '@teko/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GateFixture, type Files, type GateProject, type ProjectOptions } from './gate.fixture';
import { PROJECTS } from './runner-projects';

const sandbox = await createSandbox({ kind: 'bubblewrap', image: '' });
const missing = await sandbox.unavailableReason();
if (missing && process.env.CI) throw new Error(missing);

describe.skipIf(missing).each(PROJECTS)('the gate with $runner', (project) => {
  const { files, source, test, packages, right, wrong, tests, added, exits, forges, steers } = project;
  /** Puts code at the start of the wrong source. */
  const withCode = (code: string) =>
    wrong.startsWith('<?php\n') ? wrong.replace('<?php\n', `<?php\n${code}`) : code + wrong;
  let fixture: GateFixture;
  let gate: GateProject;
  beforeAll(() => {
    fixture = new GateFixture(sandbox);
    gate = fixture.project({ files, test, packages });
  });
  afterAll(() => fixture?.remove());

  it('accepts a fix with a new test, and names what it fixed', async () => {
    const change = { [source]: right, [tests]: project.withTest(files[tests]!, added), 'README.md': 'Sums.\n' };
    const report = await gate.verify(change, { isBug: true });
    expect(report, report.reason).toMatchObject({ verdict: 'green', missing: [], skipped: [], runnerFiles: [] });
    expect(report.fixed).toEqual([expect.stringMatching(/two/i)]);
    expect(report.witnesses).toEqual(report.fixed);
    expect(report.canaries.map(({ kind, result }) => [kind, result])).toEqual([
      ['broken_code', 'detected'],
      ['failing_test', 'detected'],
    ]);
    expect(report.executions.map(({ tests: counts }) => counts?.passed)).toEqual([1, 3, 2]);
  });

  const attacks: [string, Files][] = [
    ['steers the runner', steers],
    ['steers the runner and fixes nothing else', { ...steers, [source]: wrong }],
    ['ends the process', { [source]: withCode(exits) }],
    ['hides failures', { [source]: withCode(forges) }],
    ['deletes the tests', { [tests]: null }],
  ];
  // The start of these runners costs seconds.
  const isSlow = ['jest', 'mocha', 'vitest'].includes(project.runner);
  it.each(isSlow && !FULL ? [] : attacks)('does not accept a change that %s', async (_what, change) => {
    const report = await gate.verify(change);
    expect(['red', 'tests_changed', 'no_tests', 'not_proven'], report.reason).toContain(report.verdict);
  });
});

const NODE = PROJECTS.find(({ runner }) => runner === 'node')!;
const MS_TEST = `const { test } = require('node:test');\nconst assert = require('node:assert');\nconst ms = require('ms');\ntest('day', () => assert.equal(ms('1d'), 864e5));\n`;
const GREEN: Files = { ...NODE.files, [NODE.source]: NODE.right };
const NEW_TEST = `const { test } = require('node:test');\nconst assert = require('node:assert');\nconst { sum } = require('../sum');\n`;
const HALVES = `${NEW_TEST}test('halves', () => assert.equal(sum(0.1, 0.2), 0.3));\n`;
const ZERO = `${NEW_TEST.replace('{ sum }', '{ zero }')}test('zero', () => assert.equal(zero, 0));\n`;
const ROUNDED = 'exports.sum = (a, b) => Math.round((a + b) * 1e9) / 1e9;\n';

const PYTEST = PROJECTS.find(({ runner }) => runner === 'pytest')!;
const PATCH = 'import total\n\ntotal.total = lambda a, b: a + b\n';

const README = '>>> from total import total\n>>> total(3, 0)\n3\n';
/** Tests whose files have other names than those of tests, and an example in a text. */
const CHECKS: ProjectOptions = {
  files: {
    'pytest.ini': '[pytest]\npython_files = check_*.py\naddopts = --doctest-glob=*.md\n',
    [PYTEST.source]: PYTEST.wrong,
    'checks/check_total.py': 'from total import total\n\n\ndef test_two():\n    assert total(1, 1) == 2\n',
    'README.md': README,
  },
  test: PYTEST.test,
};
const FIXED_CHECKS: Files = { [PYTEST.source]: PYTEST.right, 'README.md': `Totals.\n\n${README}` };

type Row = [string, ProjectOptions, Files, Partial<Task>, GateVerdict, RegExp];

describe.skipIf(missing)('the gate', () => {
  let fixture: GateFixture;
  beforeAll(() => void (fixture = new GateFixture(sandbox)));
  afterAll(() => fixture?.remove());

  it.each<Row>([
    [
      'a command that does not test',
      { files: GREEN, test: 'true' },
      { 'sum.js': ROUNDED },
      {},
      'not_proven',
      /still pass when the code is broken.*Check the test command/,
    ],
    [
      'tests of an installed copy',
      {
        files: { ...NODE.files, 'index.js': 'module.exports = 1;\n', [NODE.tests]: MS_TEST },
        test: 'node --test',
        packages: ['ms'],
      },
      { 'index.js': 'module.exports = 2;\n' },
      {},
      'not_proven',
      /still pass when the code is broken/,
    ],
    [
      'a command on data',
      { files: { 'answer.txt': '41\n', 'README.md': 'The answer.\n' }, test: 'grep -qx 42 answer.txt' },
      { 'answer.txt': '42\n' },
      { isBug: true },
      'green',
      /failed before/,
    ],
    [
      'a script whose tests are in a file of the same folder',
      { files: { 'answer.sh': 'echo 41\n', 'check.sh': 'test "$(sh answer.sh)" = 42\n' }, test: 'sh check.sh' },
      { 'answer.sh': 'echo 42\n' },
      {},
      'green',
      /failed before/,
    ],
    [
      'a changed script of the test command',
      { files: { 'answer.sh': 'echo 41\n', 'check.sh': 'test "$(sh answer.sh)" = 42\n' }, test: 'sh check.sh' },
      { 'check.sh': 'true\n' },
      {},
      'tests_changed',
      /steer the test runner/,
    ],
    [
      'a new test file that patches the code for the other tests',
      { files: PYTEST.files, test: PYTEST.test },
      { 'tests/test_a0.py': `${PATCH}\n\ndef test_own():\n    assert True\n` },
      { isBug: true },
      'tests_changed',
      /Without the test files that the change adds/,
    ],
    [
      'a plugin that the configuration of the runner names',
      {
        files: { ...PYTEST.files, 'pytest.ini': '[pytest]\naddopts = -p support.plug\n', 'support/plug.py': '' },
        test: PYTEST.test,
      },
      { 'support/plug.py': PATCH },
      {},
      'tests_changed',
      /steer the test runner/,
    ],
    [
      'a module that pytest imports from the standard library',
      { files: PYTEST.files, test: PYTEST.test },
      { 'quopri.py': `${PATCH}encodestring = decodestring = None\n` },
      {},
      'tests_changed',
      /steer the test runner/,
    ],
    ['an honest fix beside tests with unusual names', CHECKS, FIXED_CHECKS, { isBug: true }, 'green', /failed before/],
    [
      'a weakened test that only the report shows to be one',
      CHECKS,
      { 'checks/check_total.py': 'from total import total\n\n\ndef test_two():\n    assert total\n' },
      {},
      'tests_changed',
      /existing tests were changed/,
    ],
    [
      'a new test file that only the report shows to be one, and that patches the code for the other tests',
      CHECKS,
      { 'checks/check_a0.py': `${PATCH}\n\ndef test_own():\n    assert True\n` },
      {},
      'tests_changed',
      /Without the test files that the change adds/,
    ],
    [
      'a weakened example in a text',
      CHECKS,
      {
        ...FIXED_CHECKS,
        'total.py': 'def total(a, b):\n    return 2\n',
        'README.md': README.replace('\n3\n', '\n2\n'),
      },
      {},
      'tests_changed',
      /existing tests were changed/,
    ],
    [
      'a helper of the tests',
      {
        files: {
          ...NODE.files,
          [NODE.tests]: NODE.files[NODE.tests]!.replace("require('node:assert')", "require('../test-utils/check')"),
          'test-utils/check.js': "module.exports = require('node:assert');\n",
        },
        test: 'node --test test/*.test.js',
      },
      { 'test-utils/check.js': 'exports.strictEqual = () => {};\n' },
      {},
      'tests_changed',
      /existing tests were changed/,
    ],
    [
      'a bug without a test',
      { files: GREEN, test: 'node --test' },
      { 'sum.js': ROUNDED },
      { isBug: true },
      'not_proven',
      /Add a test/,
    ],
    [
      'a bug with a test that does not reproduce it',
      { files: GREEN, test: 'node --test' },
      { 'sum.js': ROUNDED, 'test/new.test.js': `${NEW_TEST}test('one', () => assert.equal(sum(0, 1), 1));\n` },
      { isBug: true },
      'not_proven',
      /Add a test/,
    ],
    [
      'a bug with a test that reproduces it',
      { files: GREEN, test: 'node --test' },
      { 'sum.js': ROUNDED, 'test/new.test.js': HALVES },
      { isBug: true },
      'green',
      /Without the change, halves fails/,
    ],
    [
      'a change with a test of it, though another test fails as before',
      { files: NODE.files, test: 'node --test' },
      { [NODE.source]: `${NODE.wrong}exports.zero = 0;\n`, 'test/new.test.js': ZERO },
      {},
      'green',
      /^One new test passes \(zero\)\. One test fails as before: .* Without the change, zero fails/,
    ],
    [
      'a change without a test, though another test fails as before',
      { files: NODE.files, test: 'node --test' },
      { [NODE.source]: `${NODE.wrong}exports.zero = 0;\n` },
      {},
      'not_proven',
      /One test fails as before, and no test shows what the change does/,
    ],
    [
      'a test that passes without the change, though another test fails as before',
      { files: NODE.files, test: 'node --test' },
      { 'test/new.test.js': `${NEW_TEST}test('fine', () => {});\n` },
      {},
      'not_proven',
      /add a test that fails without the change/,
    ],
    [
      'tests with random names and one that shows nothing, though another test fails as before',
      {
        files: {
          ...NODE.files,
          'test/random.test.js': `${NEW_TEST}test('r' + Math.random().toString(36), () => {});\n`,
        },
        test: 'node --test',
      },
      { [NODE.source]: `${NODE.wrong}exports.zero = 0;\n`, 'test/new.test.js': `${NEW_TEST}test('fine', () => {});\n` },
      {},
      'not_proven',
      /add a test that fails without the change/,
    ],
    [
      'a module that is renamed together with its tests',
      { files: PYTEST.files, test: PYTEST.test },
      {
        [PYTEST.source]: null,
        'sums.py': PYTEST.right,
        [PYTEST.tests]: PYTEST.files[PYTEST.tests]!.replaceAll('total import', 'sums import'),
      },
      {},
      'tests_changed',
      /The original tests no longer load.*Keep the old path/,
    ],
    [
      'an example in the documentation that is removed',
      {
        files: { ...PYTEST.files, [PYTEST.source]: `"""Totals.\n\n>>> total(1, 0)\n1\n"""\n${PYTEST.wrong}` },
        test: `${PYTEST.test} --doctest-modules`,
      },
      { [PYTEST.source]: `"""Totals.\n\n>>> total(1, 1)\n2\n"""\n${PYTEST.right}` },
      {},
      'tests_changed',
      /Examples in the documentation of the code/,
    ],
    [
      'an honest change of exports, version and dependencies',
      { files: GREEN, test: 'node --test' },
      {
        'package.json': '{ "name": "sum", "version": "1.1.0", "exports": "./sum.js", "dependencies": {} }',
        'sum.js': `${NODE.right}exports.zero = 0;\n`,
      },
      {},
      'green',
      /Before and after/,
    ],
    [
      'a test that the task allows to remove',
      { files: GREEN, test: 'node --test' },
      { [NODE.tests]: NODE.files[NODE.tests]!.replace(/test\('two'.*\n/, ''), 'sum.js': ROUNDED },
      { allowTestChanges: true },
      'green',
      /no longer reported: two/,
    ],
  ])('judges %s', async (_what, options, change, task, verdict, reason) => {
    const report = await fixture.project(options).verify(change, task);
    expect(report.verdict, report.reason).toBe(verdict);
    expect(report.reason).toMatch(reason);
  });

  it('uses the canaries of a base for later runs', async () => {
    const project = fixture.project({ files: GREEN, test: 'node --test' });
    const first = await project.verify({ 'sum.js': ROUNDED });
    const second = await project.verify({ 'sum.js': `${NODE.right}// Sums.\n` });
    expect([first, second].map(({ canaries }) => canaries[0]!.durationMs > 0)).toEqual([true, false]);
    expect(second).toMatchObject({ verdict: 'green', canaries: [{ result: 'detected' }, { result: 'detected' }] });
  });
});
