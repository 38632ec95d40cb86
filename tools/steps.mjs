import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const SERVER_BUILD = 'tools/server-build.ts';
const KEPT_MS = 24 * 3_600_000;
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

/** Removes what earlier builds left, but not that of the last day: a running process may not have imported all of it yet. */
function tidy(dist) {
  for (const name of ['.fingerprint', '.compile-cache']) rmSync(join(dist, name), { recursive: true, force: true });
  for (const name of existsSync(dist) ? readdirSync(dist) : []) {
    const path = join(dist, name);
    if (statSync(path).mtimeMs < Date.now() - KEPT_MS) rmSync(path, { recursive: true });
  }
}

/** Builds an app with Vite unless the build is newer than its sources. */
export async function build(app, sources) {
  const stamp = join(root, 'apps', app, 'dist', '.fingerprint');
  const now = fingerprint([`apps/${app}`, 'package-lock.json', ...sources]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return;
  tidy(dirname(stamp));
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  await step(`Building apps/${app}`, () =>
    run(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: join(root, 'apps', app) }),
  );
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, now);
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
