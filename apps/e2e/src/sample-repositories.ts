import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './resources';

const modules = fileURLToPath(new URL('../../../node_modules/', import.meta.url));

/** Installed third-party code with a bug in one place and tests that detect it. */
export interface Sample {
  language: string;
  /** Debian packages that the sample needs. */
  packages: string[];
  /** Path of the installed code. */
  source: string;
  /** Its path in the repository. */
  as: string;
  /** The file with the bug, and the correct and the wrong expression. */
  file: string;
  right: string;
  wrong: string;
  extra: Record<string, string>;
}

export const SAMPLES: Sample[] = [
  {
    language: 'typescript',
    packages: [],
    source: join(modules, 'ms'),
    as: '.',
    file: 'index.js',
    right: 'return n * w;',
    wrong: 'return n * w / 7;',
    extra: {
      'package.json': '{ "name": "ms", "version": "2.1.3", "main": "index.js", "scripts": { "test": "node --test" } }',
      'test/ms.test.js': `const test = require('node:test');\nconst assert = require('node:assert');\nconst ms = require('..');\ntest('days', () => assert.equal(ms('2 days'), 172800000));\ntest('weeks', () => assert.equal(ms('1w'), 604800000));\n`,
    },
  },
  {
    language: 'python',
    packages: ['python3-packaging', 'python3-pytest'],
    source: '/usr/lib/python3/dist-packages/packaging',
    as: 'packaging',
    file: 'packaging/utils.py',
    right: '_canonicalize_regex.sub("-", name).lower()',
    wrong: '_canonicalize_regex.sub("-", name)',
    extra: {
      'pyproject.toml':
        '[project]\nname = "packaging"\nversion = "23.0"\n\n[tool.pytest.ini_options]\ntestpaths = ["tests"]\n',
      'tests/test_utils.py': `from packaging.utils import canonicalize_name\nfrom packaging.version import Version\n\n\ndef test_name():\n    assert canonicalize_name("Foo.Bar_baz") == "foo-bar-baz"\n\n\ndef test_version():\n    assert Version("1.10") > Version("1.9")\n`,
    },
  },
  {
    language: 'php',
    packages: ['phpunit'],
    source: '/usr/share/php/SebastianBergmann/Diff',
    as: 'src',
    file: 'src/TimeEfficientLongestCommonSubsequenceCalculator.php',
    right: '--$j;\n                } else {',
    wrong: '--$i;\n                } else {',
    extra: {
      'composer.json': '{ "name": "sebastian/diff", "require-dev": { "phpunit/phpunit": "^9" } }',
      'phpunit.xml':
        '<phpunit colors="false"><testsuites><testsuite name="unit"><directory>tests</directory></testsuite></testsuites></phpunit>\n',
      'tests/LcsTest.php': `<?php declare(strict_types=1);\nuse PHPUnit\\Framework\\TestCase;\nuse SebastianBergmann\\Diff\\TimeEfficientLongestCommonSubsequenceCalculator as Lcs;\nif (!class_exists(Lcs::class, false)) { require_once __DIR__ . '/../src/LongestCommonSubsequenceCalculator.php'; require_once __DIR__ . '/../src/TimeEfficientLongestCommonSubsequenceCalculator.php'; }\nfinal class LcsTest extends TestCase\n{\n    public function testEqual(): void { $this->assertSame(['a', 'b'], (new Lcs)->calculate(['a', 'b'], ['a', 'b'])); }\n    public function testMoved(): void { $this->assertSame(['b', 'c'], (new Lcs)->calculate(['b', 'c', 'x'], ['a', 'b', 'y', 'c'])); }\n}\n`,
    },
  },
];

/** Creates a git repository of the sample, whose second commit introduces the bug; returns its path. */
export function brokenRepository(sample: Sample): string {
  const path = temporaryFolder(`sample-${sample.language}`);
  cpSync(sample.source, join(path, sample.as), { recursive: true, filter: (file) => !file.includes('__pycache__') });
  for (const [file, text] of Object.entries(sample.extra)) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  }
  commitAll(path, 'Import');
  const file = join(path, sample.file);
  const text = readFileSync(file, 'utf8');
  if (!text.includes(sample.right)) throw new Error(`${sample.file} no longer contains the expression to break`);
  writeFileSync(file, text.replace(sample.right, sample.wrong));
  commitAll(path, 'Simplify');
  return path;
}

function commitAll(path: string, message: string): void {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Scenario', '-c', 'user.email=scenario@localhost', ...args], { cwd: path });
  if (!existsSync(join(path, '.git'))) git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message', message);
}

/** The test command of the small repository: the answer must be 42. */
export const SMALL_TEST = 'grep -q 42 answer.txt';

/** Creates the smallest repository with a failing test. */
export function smallRepository(): string {
  const path = temporaryFolder('small');
  writeFileSync(join(path, 'answer.txt'), '41\n');
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', path, '-c', 'user.name=T', '-c', 'user.email=t@localhost', ...args]);
  git('init', '--quiet', '--initial-branch=main');
  git('add', '-A');
  git('commit', '--quiet', '--message', 'First');
  return path;
}
