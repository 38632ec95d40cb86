import type { Files } from './gate.fixture';

/** A small project for one runner: `sum` and its tests, of which the second detects the wrong sum. */
export interface RunnerProject {
  runner: string;
  test: string;
  packages: string[];
  files: Files;
  /** Path of the module under test. */
  source: string;
  right: string;
  wrong: string;
  /** Path of the test file, and an additional test that passes. */
  tests: string;
  added: string;
  withTest: (text: string, added: string) => string;
  /** Code in the module that ends the process as if all tests had passed. */
  exits: string;
  /** Code in the module that hides all failures. */
  forges: string;
  /** A file that makes the runner skip or accept the failing test. */
  steers: Files;
}

const JS_RIGHT = 'exports.sum = (a, b) => a + b;\n';
const JS_WRONG = 'exports.sum = (a, b) => a - b;\n';
const ESM_RIGHT = 'export const sum = (a, b) => a + b;\n';
const ESM_WRONG = 'export const sum = (a, b) => a - b;\n';
const append = (text: string, added: string) => text + added;
const BROKEN_ASSERT = (assert: string) =>
  `for (const name of Object.keys(${assert})) if (typeof ${assert}[name] === 'function') ${assert}[name] = () => {};\n`;

export const PROJECTS: RunnerProject[] = [
  {
    runner: 'node',
    test: 'node --test',
    packages: [],
    files: {
      'package.json': '{ "name": "sum", "version": "1.0.0" }',
      'sum.js': JS_WRONG,
      'test/sum.test.js': `const { test } = require('node:test');\nconst assert = require('node:assert');\nconst { sum } = require('../sum');\ntest('zero', () => assert.strictEqual(sum(1, 0), 1));\ntest('two', () => assert.strictEqual(sum(1, 1), 2));\n`,
    },
    source: 'sum.js',
    right: JS_RIGHT,
    wrong: JS_WRONG,
    tests: 'test/sum.test.js',
    added: `test('three', () => assert.strictEqual(sum(1, 2), 3));\n`,
    withTest: append,
    exits: 'process.exit(0);\n',
    forges: `const assert = require('node:assert');\n${BROKEN_ASSERT('assert')}`,
    steers: { 'package.json': '{ "name": "sum", "version": "1.0.0", "type": "module" }' },
  },
  {
    runner: 'vitest',
    test: 'npx --no-install vitest run',
    packages: ['vitest'],
    files: {
      'package.json': '{ "name": "sum", "type": "module", "devDependencies": { "vitest": "4" } }',
      'sum.js': ESM_WRONG,
      'sum.test.js': `import { expect, test } from 'vitest';\nimport { sum } from './sum';\ntest('zero', () => expect(sum(1, 0)).toBe(1));\ntest('two', () => expect(sum(1, 1)).toBe(2));\n`,
    },
    source: 'sum.js',
    right: ESM_RIGHT,
    wrong: ESM_WRONG,
    tests: 'sum.test.js',
    added: `test('three', () => expect(sum(1, 2)).toBe(3));\n`,
    withTest: append,
    exits: 'process.exit(0);\n',
    forges: `import { expect } from 'vitest';\nexpect.extend({ toBe: () => ({ pass: true, message: () => '' }) });\n`,
    steers: { 'vitest.config.js': `export default { test: { testNamePattern: 'zero' } };\n` },
  },
  {
    runner: 'jest',
    test: 'npx --no-install jest --ci',
    packages: ['jest'],
    files: {
      'package.json': '{ "name": "sum", "devDependencies": { "jest": "29" } }',
      'sum.js': JS_WRONG,
      'sum.test.js': `const { sum } = require('./sum');\ntest('zero', () => expect(sum(1, 0)).toBe(1));\ntest('two', () => expect(sum(1, 1)).toBe(2));\n`,
    },
    source: 'sum.js',
    right: JS_RIGHT,
    wrong: JS_WRONG,
    tests: 'sum.test.js',
    added: `test('three', () => expect(sum(1, 2)).toBe(3));\n`,
    withTest: append,
    exits: 'process.exit(0);\n',
    forges: `expect.extend({ toBe: () => ({ pass: true, message: () => '' }) });\n`,
    steers: {
      'package.json':
        '{ "name": "sum", "devDependencies": { "jest": "29" }, "jest": { "testNamePattern": "x", "setupFilesAfterEnv": ["./setup.js"] } }',
      'setup.js': 'global.test = () => {};\n',
    },
  },
  {
    runner: 'mocha',
    test: 'npx --no-install mocha',
    packages: ['mocha'],
    files: {
      'package.json': '{ "name": "sum", "devDependencies": { "mocha": "11" } }',
      'sum.js': JS_WRONG,
      'test/sum.js': `const assert = require('assert');\nconst { sum } = require('../sum');\ndescribe('sum', () => {\n  it('zero', () => assert.equal(sum(1, 0), 1));\n  it('two', () => assert.equal(sum(1, 1), 2));\n});\n`,
    },
    source: 'sum.js',
    right: JS_RIGHT,
    wrong: JS_WRONG,
    tests: 'test/sum.js',
    added: `it('three', () => assert.equal(sum(1, 2), 3));\n`,
    withTest: append,
    exits: 'process.exit(0);\n',
    forges: `const assert = require('assert');\n${BROKEN_ASSERT('assert')}`,
    steers: { '.mocharc.json': '{ "grep": "zero" }' },
  },
  {
    runner: 'pytest',
    test: 'python3 -m pytest -q',
    packages: [],
    files: {
      'pytest.ini': '[pytest]\n',
      'total.py': 'def total(a, b):\n    return a - b\n',
      'tests/test_total.py':
        'from total import total\n\n\ndef test_zero():\n    assert total(1, 0) == 1\n\n\ndef test_two():\n    assert total(1, 1) == 2\n',
    },
    source: 'total.py',
    right: 'def total(a, b):\n    return a + b\n',
    wrong: 'def total(a, b):\n    return a - b\n',
    tests: 'tests/test_total.py',
    added: '\n\ndef test_three():\n    assert total(1, 2) == 3\n',
    withTest: append,
    exits: 'import os\nos._exit(0)\n',
    forges:
      'import _pytest.python\n_pytest.python.Function.runtest = lambda self: None\nimport unittest\nunittest.TestCase.run = lambda self, result=None: result and (result.startTest(self), result.addSuccess(self), result.stopTest(self))\n',
    steers: {
      'conftest.py':
        'import pytest\n\n\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n    outcome = yield\n    outcome.get_result().outcome = "passed"\n',
    },
  },
  {
    runner: 'unittest',
    test: 'python3 -m unittest discover',
    packages: [],
    files: {
      'total.py': 'def total(a, b):\n    return a - b\n',
      'test_total.py':
        'import unittest\nfrom total import total\n\n\nclass TotalTest(unittest.TestCase):\n    def test_zero(self):\n        self.assertEqual(total(1, 0), 1)\n\n    def test_two(self):\n        self.assertEqual(total(1, 1), 2)\n',
    },
    source: 'total.py',
    right: 'def total(a, b):\n    return a + b\n',
    wrong: 'def total(a, b):\n    return a - b\n',
    tests: 'test_total.py',
    added: '\n    def test_three(self):\n        self.assertEqual(total(1, 2), 3)\n',
    withTest: append,
    exits: 'import sys\nsys.exit(0)\n',
    forges:
      'import unittest\nunittest.TestCase.assertEqual = lambda *args: None\nunittest.TestCase._getAssertEqualityFunc = lambda *args: lambda *args, **more: None\n',
    steers: {
      'unittest/__init__.py': '',
      'unittest/__main__.py': 'print("OK")\n',
    },
  },
  {
    runner: 'phpunit',
    test: 'phpunit',
    packages: [],
    files: {
      'phpunit.xml':
        '<phpunit colors="false"><testsuites><testsuite name="unit"><directory>tests</directory></testsuite></testsuites></phpunit>\n',
      'sum.php': '<?php\nfunction sum($a, $b) { return $a - $b; }\n',
      'tests/SumTest.php': `<?php\nuse PHPUnit\\Framework\\TestCase;\nrequire_once __DIR__ . '/../sum.php';\nfinal class SumTest extends TestCase\n{\n    public function testZero(): void { $this->assertSame(1, sum(1, 0)); }\n    public function testTwo(): void { $this->assertSame(2, sum(1, 1)); }\n}\n`,
    },
    source: 'sum.php',
    right: '<?php\nfunction sum($a, $b) { return $a + $b; }\n',
    wrong: '<?php\nfunction sum($a, $b) { return $a - $b; }\n',
    tests: 'tests/SumTest.php',
    added: '    public function testThree(): void { $this->assertSame(3, sum(1, 2)); }\n',
    withTest: (text, added) => text.replace(/\}\n$/, `${added}}\n`),
    exits: 'exit(0);\n',
    forges: 'register_shutdown_function(function () { while (ob_get_level()) ob_end_clean(); exit(0); });\n',
    steers: {
      'phpunit.xml':
        '<phpunit colors="false"><testsuites><testsuite name="unit"><directory suffix="None.php">tests</directory></testsuite></testsuites></phpunit>\n',
    },
  },
];
