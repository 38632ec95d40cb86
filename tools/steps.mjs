import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

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
