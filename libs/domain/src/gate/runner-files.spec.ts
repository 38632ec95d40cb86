import { describe, expect, it } from 'vitest';
import { isTestFile, runnerOfCommand } from '../languages';
import { isRunnerFile, restoredRunnerFile, scriptsNamedIn } from './runner-files';

it.each([
  'conftest.py',
  'tests/CONFTEST.py',
  'pytest.ini',
  '.pytest.ini',
  'setup.cfg',
  'pyproject.toml',
  'sitecustomize.py',
  'evil.pth',
  'unittest/__init__.py',
  'pytest.py',
  'src/json.py',
  'package.json',
  'apps/x/package.json',
  'jest.config.ts',
  'jest.unit.config.js',
  'vitest.config.mts',
  'vitest.workspace.ts',
  'vite.config.js',
  '.mocharc.yml',
  '.mocharc.json',
  'babel.config.js',
  '.babelrc',
  'tsconfig.test.json',
  '.npmrc',
  'node_modules/mocha/index.js',
  'phpunit.xml.dist',
  'composer.json',
  'vendor/autoload.php',
  'Makefile',
  'justfile',
  'Taskfile.yml',
  '.teko.yml',
  'vitest.setup.ts',
  'setupTests.js',
])('%s steers a test runner', (path) => {
  expect(isRunnerFile(path)).toBe(true);
});

it.each([
  'src/index.ts',
  'packaging/json.py',
  'src/Config.php',
  'README.md',
  'answer.txt',
  'src/package.ts',
  'lib/config.js',
])('%s does not steer a test runner', (path) => {
  expect(isRunnerFile(path)).toBe(false);
});

it.each([
  ['tests/data/expected.json', true],
  ['src/__snapshots__/a.snap', true],
  ['pkg/a_test.go', true],
  ['src/main/java/PriceTest.java', true],
  ['spec/price_spec.rb', true],
  ['Tests/PriceTest.php', true],
  ['sum-test.js', true],
  ['src/sum_test.mjs', true],
  ['shop/tests.py', true],
  ['test.py', true],
  ['shop/total_tests.py', true],
  ['src/contest.go', false],
  ['src/contest.js', false],
  ['src/test-connection.js', false],
  ['src/openapi-spec.js', false],
  ['src/testimonials.js', false],
  ['shop/testing.py', false],
  ['shop/contests.py', false],
  ['libs/testing/src/index.ts', false],
  ['src/latest.py', false],
])('%s is a test file: %s', (path, expected) => {
  expect(isTestFile(path)).toBe(expected);
});

it.each<[string, string | undefined]>([
  ['npx --no-install jest --ci', 'jest'],
  ['yarn jest', 'jest'],
  ['node --test', 'node'],
  ['node --import tsx --test test/*.js', undefined],
  ['node --import=tsx --test test/*.js', 'node'],
  ["cd 'a b' && pytest -x", 'pytest'],
  ['.venv/bin/python -m pytest', 'pytest'],
  ['python3 -m unittest discover -v', 'unittest'],
  ['vendor/bin/phpunit -c x', 'phpunit'],
  ['TZ=UTC vitest run', 'vitest'],
  ['npm test', undefined],
  ['mocha || true', undefined],
  ['pytest | tee log', undefined],
  ['echo pytest', undefined],
])('%s runs %s', (command, id) => {
  expect(runnerOfCommand(command)?.id).toBe(id);
});

describe('restoredRunnerFile', () => {
  it.each<[string, string, string | null, string | null, string | null]>([
    ['an added file does not exist', 'conftest.py', null, 'x', null],
    ['a deleted file is restored', 'conftest.py', 'x', null, 'x'],
    ['a changed file is restored', 'pytest.ini', 'x', 'y', 'x'],
    [
      'only the keys for runners of a manifest',
      'package.json',
      '{"version":"1","scripts":{"test":"a"},"devDependencies":{"jest":"1","ms":"1"}}',
      '{"version":"2","jest":{"x":1},"scripts":{"test":"b"},"devDependencies":{"jest":"file:x","ms":"2"}}',
      '{"version":"2","devDependencies":{"ms":"2","jest":"1"},"scripts":{"test":"a"}}',
    ],
    ['a new manifest without them', 'a/package.json', null, '{"type":"module","scripts":{}}', '{"type":"module"}'],
    ['a broken manifest', 'package.json', '{"a":1}', '{', '{"a":1}'],
    [
      'only the sections for runners',
      'pyproject.toml',
      '[project]\nversion = "1"\n[tool.pytest.ini_options]\ntestpaths = ["t"]\n',
      '[project]\nversion = "2"\n[tool.pytest.ini_options]\naddopts = "--deselect x"\n[tool.black]\n',
      '[project]\nversion = "2"\n[tool.black]\n[tool.pytest.ini_options]\ntestpaths = ["t"]\n',
    ],
    [
      'a new section of setup.cfg',
      'setup.cfg',
      '[metadata]\n',
      '[metadata]\na=1\n[tool:pytest]\naddopts=x\n',
      '[metadata]\na=1\n',
    ],
    [
      'sections in an unusual form',
      'pyproject.toml',
      '[a]\n',
      '[a]\n[tool]\npytest.ini_options.addopts = "x"\n',
      '[a]\n',
    ],
    ['a quoted section', 'pyproject.toml', '[a]\n', '[a]\n[tool."pytest"."ini_options"]\naddopts = "x"\n', '[a]\n'],
    ['a dotted key at the top', 'pyproject.toml', null, 'tool.pytest.ini_options.addopts = "x"\n', null],
  ])('%s', (_what, path, base, head, expected) => {
    const normalise = (text: string | null) =>
      text !== null && path.endsWith('package.json') ? (JSON.parse(text) as unknown) : text;
    expect(normalise(restoredRunnerFile(path, base, head))).toEqual(normalise(expected));
  });
});

it.each<[string, string, boolean]>([
  ['python shop/tools/total.py 1 2', 'shop/tools/total.py', true],
  ['set -e; ./shop/tools/total.py', 'shop/tools/total.py', true],
  ['pytest shop/checks/total.py', 'shop/checks/total.py', true],
  ['check:\n\t@$(PYTHON) -X dev shop/tools/total.py', 'shop/tools/total.py', true],
  ['flake8 shop && python3 -m coverage run shop/tools/total.py', 'shop/tools/total.py', true],
  ['subprocess.run([sys.executable, "shop/tools/total.py"])', 'shop/tools/total.py', true],
  ['eslint .\nnode src/tools/run.js', 'src/tools/run.js', true],
  ['. shop/tools/env.sh', 'shop/tools/env.sh', true],
  ['shellcheck tools/ci.sh', 'tools/ci.sh', true],
  ['pylint tools/check.py', 'tools/check.py', true],
  ['python -m pylint shop/tools/total.py', 'shop/tools/total.py', false],
  ['lint:\n\t@ruff check shop/tools/total.py', 'shop/tools/total.py', false],
  ['node --test\nnpx eslint src/tools/run.js', 'src/tools/run.js', false],
  ['[flake8]\nper-file-ignores =\n    shop/tools/total.py: E501', 'shop/tools/total.py', false],
  ['shop/tools/total.py: spec.json\n\tpython generate.py', 'shop/tools/total.py', false],
  ['# see shop/tools/total.py\nmake', 'shop/tools/total.py', false],
])('%j steers the tests with %s: %s', (command, path, expected) => {
  expect(scriptsNamedIn([command], new Set([path]))).toEqual(expected ? [path] : []);
});

it('finds scripts that run tests, and not the data that a command reads', () => {
  const paths = new Set(['scripts/ci.sh', 'answer.txt', 'run-tests.sh', 'src/index.js']);
  expect(
    scriptsNamedIn(['./run-tests.sh && grep 42 answer.txt', 'bash "scripts/ci.sh"; node src/index.js'], paths),
  ).toEqual(['run-tests.sh', 'scripts/ci.sh']);
});
