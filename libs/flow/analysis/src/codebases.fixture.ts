import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PROJECT = resolve(import.meta.dirname, '../../../..');
const NPM = join(PROJECT, 'node_modules');
const GO = '/usr/share/gocode/src';
const SYMFONY = '/usr/share/php/Symfony/Component';
const EXCLUDED = /(?:^|\/)(?:node_modules|dist|__pycache__|\.git)$/;
/** Larger files are compiled. */
const MAX_BYTES = 2 * 1024 * 1024;

/** Published codebases and the package that contains each: a Debian package, or one that `npm ci` has installed. */
const CODEBASES: [packageName: string, folder: string][] = [
  ['php-symfony-http-kernel', `${SYMFONY}/HttpKernel`],
  ['php-symfony-form', `${SYMFONY}/Form`],
  ['golang-github-spf13-cobra-dev', `${GO}/github.com/spf13/cobra`],
  ['golang-github-gin-gonic-gin-dev', `${GO}/github.com/gin-gonic/gin`],
  ['golang-golang-x-net-dev', `${GO}/golang.org/x/net`],
  ['golang-golang-x-crypto-dev', `${GO}/golang.org/x/crypto`],
  ['python3', newest('/usr/lib', /^python3\.\d+$/)],
  ['python3-pytest', '/usr/lib/python3/dist-packages/_pytest'],
  ['ruby-github-linguist', newest('/usr/lib/ruby', /^\d/)],
  ['librust-regex-syntax-dev', newest('/usr/share/cargo/registry', /^regex-syntax-/)],
  ['nlohmann-json3-dev', '/usr/include/nlohmann'],
  ['linux-libc-dev', '/usr/include/linux'],
  ['libdpkg-perl', '/usr/share/perl5'],
  ['git', '/usr/lib/git-core'],
  ['zod', join(NPM, 'zod')],
  ['@redocly/openapi-core', join(NPM, '@redocly/openapi-core')],
  ['react-diff-view', join(NPM, 'react-diff-view')],
  ['bottleneck', join(NPM, 'bottleneck')],
  ['swagger-ui-dist', join(NPM, 'swagger-ui-dist')],
  ['teko', join(PROJECT, 'apps')],
];

export interface Codebase {
  name: string;
  folder: string;
}

export const codebases: Codebase[] = CODEBASES.map(([name, folder]) => ({ name, folder }));

/** Returns null if GitHub Linguist and all codebases are installed, or else why their tests are skipped. Throws in CI. */
export function codebasesMissing(): string | null {
  const missing = codebases.filter(({ folder }) => !existsSync(folder)).map(({ name }) => name);
  if (!isLinguistInstalled()) missing.push('ruby-github-linguist');
  if (missing.length === 0) return null;
  const reason = `not installed: ${[...new Set(missing)].join(', ')}`;
  if (process.env.CI) throw new Error(reason);
  return `skipped: ${reason}`;
}

/** Creates a git repository with a copy of the codebase as its only commit. */
export function commitCopy({ folder }: Codebase, to: string): void {
  cpSync(folder, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => source === folder || (!EXCLUDED.test(source) && lstatSync(source).size <= MAX_BYTES),
  });
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', to, '-c', 'core.compression=0', ...args], { stdio: 'ignore' });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all', '--force');
  git('-c', 'user.name=Test', '-c', 'user.email=test@localhost', 'commit', '--quiet', '--message=Copy');
}

const COUNT = `
require 'json'; require 'rugged'; require 'linguist'
counts = ARGV.map do |path|
  git = Rugged::Repository.new(path)
  [path, Linguist::Repository.new(git, git.head.target_id).languages]
end
puts JSON.generate(counts.to_h)`;

/** Counts the bytes per language in each repository with github-linguist itself. */
export function countByLinguist(paths: string[]): Record<string, Record<string, number>> {
  // Its samples and rules are UTF-8; Ruby reads the encoding from the environment.
  const env = { ...process.env, LC_ALL: 'C.UTF-8' };
  return JSON.parse(execFileSync('ruby', ['-e', COUNT, ...paths], { env, encoding: 'utf8' })) as ReturnType<
    typeof countByLinguist
  >;
}

function isLinguistInstalled(): boolean {
  try {
    execFileSync('ruby', ['-e', "require 'rugged'; require 'linguist'"], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Returns the path of the newest folder whose name matches, or a path that does not exist if there is none. */
function newest(parent: string, name: RegExp): string {
  const matches = existsSync(parent) ? readdirSync(parent).filter((entry) => name.test(entry)) : [];
  return join(parent, matches.sort().at(-1) ?? 'none');
}
