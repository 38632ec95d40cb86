/* Shared steps of start, build and tests: install packages, build apps, run commands. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const NX = join(root, 'node_modules', 'nx', 'dist', 'bin', 'nx.js');
/** Isolated plugins take longer to start than to run. */
const NX_ENVIRONMENT = { NX_DAEMON: 'false', NX_TUI: 'false', NX_ISOLATE_PLUGINS: 'false' };

/** Runs a command and shows its output. Resolves to its exit code. */
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

/** Runs a Node script. Resolves to its exit code and output. */
export function output(script, args, env = {}) {
  return new Promise((resolve) => {
    const stdio = ['ignore', 'pipe', 'pipe'];
    const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio, env: { ...process.env, ...env } });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
    child.once('close', (code) => resolve({ code: code ?? 1, text: text.trim() }));
  });
}

/** Runs Nx without a daemon. Resolves to its exit code and output. */
export const nx = (...args) => output(NX, args, NX_ENVIRONMENT);

/** Runs a long step and prints its title and duration. Throws if it fails. */
export async function step(title, work) {
  const start = Date.now();
  console.log(`- ${title} ...`);
  const code = await work();
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  if (code !== 0) throw new Error(`${title} failed after ${seconds} s (exit code ${code})`);
  console.log(`  done in ${seconds} s`);
}

/** Installs the packages of the lock file unless they are installed. */
export async function installPackages() {
  const installed = join(root, 'node_modules', '.teko-lock');
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === lock) return;
  await step('Installing packages (about a minute)', () => run('npm', ['ci', '--no-audit', '--no-fund']));
  writeFileSync(installed, lock);
}

/** Builds apps, or restores them from the Nx cache. Prints the output of Nx only if it fails. */
export async function build(apps) {
  await step(`Building ${apps.join(' and ')}`, async () => {
    const { code, text } = await nx('run-many', '-t', 'build', '-p', ...apps.map((app) => `@teko/${app}`));
    if (code !== 0) console.error(text);
    return code;
  });
}

/** Returns a hash of all inputs of the builds of these apps. Throws if Nx fails. */
export async function buildHash(apps) {
  const { code, text } = await output(join(root, 'tools', 'build-hash.mjs'), apps, NX_ENVIRONMENT);
  if (code !== 0) throw new Error(`Nx failed to hash the build inputs:\n${text}`);
  return text.split('\n').at(-1);
}
