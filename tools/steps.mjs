import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const SERVER_BUILD = 'tools/server-build.ts';
export const KEPT_BUILDS = 10;
/** File systems keep coarser times. */
const CLOCK_TOLERANCE_MS = 1_000;
const LEFT_OUT = new Set(['node_modules', 'dist', '.git', '.teko', '.nx']);

/** Runs a command with its output shown; answers its exit code. */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(127);
    });
    child.on('exit', (code, signal) => resolve(code ?? (signal ? 130 : 1)));
  });
}

/** Does a long step, saying what and for how long; throws when it fails. */
export async function step(title, work) {
  const start = Date.now();
  console.log(`- ${title} ...`);
  const code = await work();
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  if (code !== 0) throw new Error(`${title} failed after ${seconds} s (exit code ${code})`);
  console.log(`  done in ${seconds} s`);
}

/** Installs the packages of the lock file unless they are there. */
export async function installPackages() {
  const installed = join(root, 'node_modules', '.teko-lock');
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === lock) return;
  await step('Installing packages (about a minute)', () => run('npm', ['ci', '--no-audit', '--no-fund']));
  writeFileSync(installed, lock);
}

function fingerprint(folders) {
  const hash = createHash('sha256');
  const visit = (path) => {
    const stat = statSync(path);
    if (!stat.isDirectory()) return hash.update(`${path} ${stat.size} ${stat.mtimeMs}\n`);
    for (const name of readdirSync(path).sort()) if (!LEFT_OUT.has(name)) visit(join(path, name));
  };
  for (const folder of folders) visit(join(root, folder));
  return hash.digest('hex');
}

/** Builds an app with Vite unless the build is newer than its sources. */
export async function build(app, sources) {
  const dist = join(root, 'apps', app, 'dist');
  const stamp = join(dist, '.fingerprint');
  const now = fingerprint([`apps/${app}`, 'package-lock.json', ...sources]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return;
  for (const name of ['.fingerprint', '.compile-cache']) rmSync(join(dist, name), { recursive: true, force: true });
  const before = filesIn(dist);
  const start = Date.now();
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  await step(`Building apps/${app}`, () =>
    run(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: join(root, 'apps', app) }),
  );
  removeOldBuilds(dist, before, start);
  writeFileSync(stamp, now);
}

/**
 * Removes the files of all builds but the last ones, after a build that began at `start` over the files `before`. A running process imports parts of its own build when it first needs them, which
 * may be days after others were made.
 */
export function removeOldBuilds(dist, before, start) {
  const list = join(dist, '.builds.json');
  const earlier = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : [before];
  const newest = filesIn(dist).filter((name) => statSync(join(dist, name)).mtimeMs > start - CLOCK_TOLERANCE_MS);
  const builds = [newest, ...earlier].slice(0, KEPT_BUILDS);
  const kept = new Set(builds.flat());
  for (const name of filesIn(dist)) if (!kept.has(name)) rmSync(join(dist, name), { recursive: true });
  writeFileSync(list, JSON.stringify(builds));
}

function filesIn(dist) {
  return existsSync(dist) ? readdirSync(dist).filter((name) => !name.startsWith('.')) : [];
}

/** Builds what `npm start` runs. */
export async function buildAll() {
  await build('web', ['libs/contracts']);
  await build('standalone', ['libs', 'apps/api', 'apps/worker', SERVER_BUILD]);
}

/** Builds what runs API and workers as processes of their own. */
export async function buildProcesses() {
  await build('api', ['libs', SERVER_BUILD]);
  await build('worker', ['libs', SERVER_BUILD]);
}
