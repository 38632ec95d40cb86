import { runnerOfCommand } from '@teko/domain';
import { expect, it } from 'vitest';
import { testFilesOf } from './test-files';

const FILES: Record<string, string> = {
  'sum.js': '',
  'checks/sum.js': '',
  'packages/a/checks/product.js': '',
  'src/inline.ts': 'if (import.meta.vitest) { }',
  'checks/node.js': "import { test } from 'node:test';\n",
  'checks/mocha.js': "describe('sum', () => {});\n",
  'test-connection.js': "connection.test('x');\n",
  'checks/Sum.php': '<?php\nfinal class Sum extends \\Tests\\BaseTestCase {}\n',
  'total.py': '',
  'shop/total.py': '',
  'checks/total.py': '',
  'backend/checks/price.py': '',
  'checks.py': '',
  'README.md': '',
  'docs/usage.md': '',
};
const files = {
  entries: async () => new Map(Object.keys(FILES).map((path) => [path, {}])),
  read: async (paths: string[]) => new Map(paths.map((path) => [path, Buffer.from(FILES[path]!)])),
} as never;

it.each<[string, string, string, string[]]>([
  ['the path of Vitest', 'vitest run', 'checks/sum.js › sum › two', ['checks/sum.js']],
  ['the path of Jest', 'jest', 'checks/sum.js', ['checks/sum.js']],
  ['a path in a folder', 'cd packages/a && jest', 'checks/product.js › two', ['packages/a/checks/product.js']],
  ['code that contains its tests', 'vitest run', 'src/inline.ts › two', []],
  ['a suite that is named as a file', 'node --test', 'sum.js › two', ['checks/node.js']],
  ['no file of Node', 'node --test', 'two', ['checks/node.js']],
  ['no file of Mocha', 'mocha', 'two', ['checks/mocha.js']],
  ['no file of PHPUnit', 'phpunit', 'two', ['checks/Sum.php']],
  ['a module of pytest', 'pytest', 'checks.total › test_two[1.5]', ['checks/total.py']],
  ['a class of pytest', 'pytest', 'checks.total.TestTotal › check_two', ['checks/total.py']],
  ['a module in a folder', 'cd backend && pytest', 'checks.price › test_two', ['backend/checks/price.py']],
  ['a module of unittest', 'python3 -m unittest', 'checks.total.TotalTest.test_two', ['checks/total.py']],
  ['a module that cannot be loaded', 'python3 -m unittest', 'unittest.loader._FailedTest.test_two', []],
  ['an example of a module', 'pytest --doctest-modules', 'total › total', []],
  ['an example of a function', 'pytest --doctest-modules', 'shop.total › shop.total.add', []],
  ['an example of unittest', 'python3 -m unittest', 'shop.total.add', []],
  ['a text with examples', 'pytest', 'README.md › README.md', ['README.md']],
  ['a text with examples in a folder', 'pytest', 'docs.usage.md › usage.md', ['docs/usage.md']],
])('a report names %s', async (_what, command, name, expected) => {
  const isTest = await testFilesOf({ passed: [name], failed: [], skipped: [] }, runnerOfCommand(command), files);
  expect(Object.keys(FILES).filter(isTest)).toEqual(expected);
});
