import { languageOfFile, LANGUAGES } from '../languages';
import { foldPath } from '../text/folded-path';
import { mergeSections } from './ini-sections';

/** Files of no particular language that choose what the tests do. Paths are in lower case. */
const GENERAL =
  /(^|\/)((gnu)?makefile([.-][^/]*)?|[^/]+\.mk|\.?justfile|taskfile(\.dist)?\.ya?ml|rakefile|magefile\.go|build\.xml|\.teko\.ya?ml|\.env(\.[^/]+)?|\.envrc|\.?mise\.toml|\.tool-versions|\.rspec|\.bazelrc|gradle-wrapper\.(properties|jar)|\.mvn\/.+|\.cargo\/config(\.toml)?)$/;

/** Keys of manifests that steer the runner; the other keys of these files are ordinary code. */
const MANIFEST_KEYS: Record<string, string[]> = {
  'package.json': [
    'scripts',
    'jest',
    'mocha',
    'vitest',
    'ava',
    'tap',
    'c8',
    'nyc',
    'babel',
    'jasmine',
    'cypress',
    'swc',
  ],
  'composer.json': ['scripts', 'autoload-dev', 'config'],
};
const DEPENDENCY_KEYS = ['dependencies', 'devDependencies', 'optionalDependencies', 'require', 'require-dev', 'bin'];
const RUNNER_PACKAGE =
  /^(vitest|vite|jest|jest-.+|babel-jest|ts-jest|mocha|chai|ava|tap|c8|nyc|jasmine|tsx|ts-node|esbuild|@(vitest|jest|swc|babel)\/.+|phpunit\/.+|pestphp\/.+|npm|npx|node)$/;

/**
 * Whether a file steers a test runner: its configuration, plugins and hooks, scripts that start it, or a module that is loaded
 * instead of a part of it. Ignores case and Unicode normalisation.
 */
export function isRunnerFile(path: string): boolean {
  const folded = foldPath(path);
  return (
    GENERAL.test(folded) ||
    LANGUAGES.some(({ runnerFiles }) => runnerFiles.some((pattern) => pattern.test(folded))) ||
    shadowsRunner(path)
  );
}

/** Whether a file is loaded instead of a module of a runner or of the standard library that runners use. */
export function shadowsRunner(path: string): boolean {
  return LANGUAGES.some(({ shadows }) => shadows.some((pattern) => pattern.test(foldPath(path))));
}

/** Words in the names of scripts that run tests. */
const SCRIPT_NAME = /(^|[/._-])(tests?|checks?|specs?|verify|validate|ci|run|scripts?|tools?)([/._-]|$)/i;
const WORD = /[\w@%+./-]+/g;

/** Returns the files among `paths` that these commands name. */
export function filesNamedIn(commands: string[], paths: ReadonlySet<string>): string[] {
  const words = commands.flatMap((command) => command.match(WORD) ?? []);
  return [...new Set(words.map((word) => word.replace(/^(\.\/)+/, '')).filter((word) => paths.has(word)))];
}

/** A comment, or a command that reads source files and does not run them. */
const ONLY_READS =
  /^\s*(#|\/\/|[@+-]*((npx|yarn|pnpm exec|poetry run|uv run|python[\d.]* -m) +)?(\S*\/)?(eslint|prettier|tsc|biome|flake8|pylint|pyflakes|mypy|pyright|ruff|black|isort|bandit|phpcs|phpcbf|phpstan|psalm|php-cs-fixer|wc)(\s|$))/;

/**
 * Returns the scripts among `paths` that these commands name and that, by their names, run tests. A module of the code in a
 * folder such as `shop/tools` is one only if a command can run it.
 */
export function scriptsNamedIn(commands: string[], paths: ReadonlySet<string>): string[] {
  const named = filesNamedIn(commands, paths).filter((path) => SCRIPT_NAME.test(path));
  const calls = commands.flatMap((command) => command.split(/[;&|\n]/)).filter((call) => !ONLY_READS.test(call));
  // A path before a colon is the target of a rule or the key of a setting.
  const called = new Set(
    filesNamedIn(
      calls.map((call) => call.replace(/[\w@%+./-]+:(?=\s|$)/g, '')),
      paths,
    ),
  );
  return named.filter((path) => called.has(path) || !isModule(path));
}

/** Whether a file is source code below a folder whose name is not that of scripts. */
function isModule(path: string): boolean {
  const [top, ...rest] = path.split('/');
  return rest.length > 0 && !SCRIPT_NAME.test(top!) && languageOfFile(path) !== null;
}

/**
 * Returns the content of a runner file as the tests of the base need it: as on base, but of a manifest only what steers the runner;
 * `head` itself if it steers the runner as on base. Null means that the file does not exist.
 */
export function restoredRunnerFile(path: string, base: string | null, head: string | null): string | null {
  if (head === null) return base;
  const name = foldPath(path).split('/').at(-1)!;
  const keys = MANIFEST_KEYS[name];
  if (keys) return mergeManifest(keys, base, head);
  if (name === 'pyproject.toml' || name === 'setup.cfg') return mergeSections(base, head);
  return base;
}

type Json = Record<string, unknown>;

function mergeManifest(keys: string[], base: string | null, head: string): string | null {
  const before = base === null ? {} : parseObject(base);
  const after = parseObject(head);
  if (!before || !after) return base;
  if (steeringOf(keys, before) === steeringOf(keys, after)) return head;
  const merged = restoreKeys(after, before, (key) => keys.includes(key));
  for (const group of DEPENDENCY_KEYS) {
    if (!isObject(merged[group]) && !isObject(before[group])) continue;
    merged[group] = restoreKeys(objectAt(merged, group), objectAt(before, group), isRunnerPackage);
  }
  return JSON.stringify(merged, null, 2);
}

/** Returns what a manifest says about runners, as text to compare. */
function steeringOf(keys: string[], manifest: Json): string {
  const groups = DEPENDENCY_KEYS.map((group) => restoreKeys({}, objectAt(manifest, group), isRunnerPackage));
  return JSON.stringify([restoreKeys({}, manifest, (key) => keys.includes(key)), groups]);
}

function objectAt(manifest: Json, key: string): Json {
  const value = manifest[key];
  return isObject(value) ? value : {};
}

function isRunnerPackage(name: string): boolean {
  return RUNNER_PACKAGE.test(name);
}

/** Returns `after` with the keys for which `isRestored` holds as in `before`. */
function restoreKeys(after: Json, before: Json, isRestored: (key: string) => boolean): Json {
  return Object.fromEntries([
    ...Object.entries(after).filter(([key]) => !isRestored(key)),
    ...Object.entries(before).filter(([key]) => isRestored(key)),
  ]);
}

function parseObject(text: string): Json | null {
  try {
    const value = JSON.parse(text) as unknown;
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
