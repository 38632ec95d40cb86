import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PROJECT = resolve(import.meta.dirname, '../../../..');
const NPM = join(PROJECT, 'node_modules');
const GO = '/usr/share/gocode/src';
const SYMFONY = '/usr/share/php/Symfony/Component';
const NOT_OWN = /(?:^|\/)(?:node_modules|dist|__pycache__|\.git)$/;
/** What is larger is compiled. */
const MAX_BYTES = 2 * 1024 * 1024;

/** Code that others wrote and published, and the package that brings it: of Debian, or one that `npm ci` has installed. */
const CODE_BASES: [packageName: string, folder: string][] = [
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

export interface CodeBase {
  name: string;
  folder: string;
}

export const codeBases: CodeBase[] = CODE_BASES.map(([name, folder]) => ({ name, folder }));

/** Null where GitHub Linguist and all code bases are here, else why their tests are skipped. In CI a missing one is a failure. */
export function codeBasesMissing(): string | null {
  const missing = codeBases.filter(({ folder }) => !existsSync(folder)).map(({ name }) => name);
  if (!isLinguistHere()) missing.push('ruby-github-linguist');
  if (missing.length === 0) return null;
  const reason = `not installed: ${[...new Set(missing)].join(', ')}`;
  if (process.env.CI) throw new Error(reason);
  return `skipped: ${reason}`;
}

/** A new git repository with a copy of the code base as its one commit. */
export function commitCopy({ folder }: CodeBase, to: string): void {
  cpSync(folder, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => source === folder || (!NOT_OWN.test(source) && lstatSync(source).size <= MAX_BYTES),
  });
  const git = (...words: string[]) =>
    execFileSync('git', ['-C', to, '-c', 'core.compression=0', ...words], { stdio: 'ignore' });
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

/** The bytes of each language in each of the repositories, as github-linguist itself counts them. */
export function countByLinguist(paths: string[]): Record<string, Record<string, number>> {
  // Its samples and rules are in UTF-8, which Ruby takes from the environment.
  const env = { ...process.env, LC_ALL: 'C.UTF-8' };
  return JSON.parse(execFileSync('ruby', ['-e', COUNT, ...paths], { env, encoding: 'utf8' })) as ReturnType<
    typeof countByLinguist
  >;
}

function isLinguistHere(): boolean {
  try {
    execFileSync('ruby', ['-e', "require 'rugged'; require 'linguist'"], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The path of the folder with such a name; one that is not there where none is. */
function newest(parent: string, name: RegExp): string {
  const found = existsSync(parent) ? readdirSync(parent).filter((entry) => name.test(entry)) : [];
  return join(parent, found.sort().at(-1) ?? 'none');
}
