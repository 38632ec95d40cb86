/* What start, build and tests do first: install what is missing, build what changed. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const NX = join(root, 'node_modules', 'nx', 'dist', 'bin', 'nx.js');
/** Plugins in processes of their own take longer to start than to run. */
const NX_ENVIRONMENT = { NX_DAEMON: 'false', NX_TUI: 'false', NX_ISOLATE_PLUGINS: 'false' };

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

/** Runs a Node script; answers its exit code and what it printed. */
export function output(script, args, env = {}) {
  return new Promise((resolve) => {
    const stdio = ['ignore', 'pipe', 'pipe'];
    const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio, env: { ...process.env, ...env } });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
    child.once('close', (code) => resolve({ code: code ?? 1, text: text.trim() }));
  });
}

/** Runs Nx without a daemon, as `output` does. */
export const nx = (...args) => output(NX, args, NX_ENVIRONMENT);

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

/** Builds apps into their `dist`, or restores them from the cache of Nx. Prints what Nx says only if it fails. */
export async function build(apps) {
  await step(`Building ${apps.join(' and ')}`, async () => {
    const { code, text } = await nx('run-many', '-t', 'build', '-p', ...apps.map((app) => `@teko/${app}`));
    if (code !== 0) console.error(text);
    return code;
  });
}

/** What a task of Nx would run on: the same as long as no input of the build of these apps changes. Throws if Nx cannot tell. */
export async function buildHash(apps) {
  const { code, text } = await output(join(root, 'tools', 'build-hash.mjs'), apps, NX_ENVIRONMENT);
  if (code !== 0) throw new Error(`Nx cannot read the project:\n${text}`);
  return text.split('\n').at(-1);
}
