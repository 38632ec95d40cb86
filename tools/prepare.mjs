/* Prepares a start from the sources: checks Node and the data folder, and installs the sandbox and packages. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { resolve } from 'node:path';
import { installPackages, root, run, step } from './steps.mjs';

/** Throws an error with a one-line message if Teko cannot start here. Sets TEKO_HOME to an absolute path. */
export async function prepare() {
  checkNode();
  process.env.TEKO_HOME = writableHome();
  await offerSandbox();
  await installPackages();
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    throw new Error(`Node ${process.versions.node} is too old: Teko needs 20.19 or newer`);
}

function writableHome() {
  const home = resolve(root, process.env.TEKO_HOME || '.teko');
  try {
    mkdirSync(home, { recursive: true });
    accessSync(home, constants.W_OK);
  } catch (error) {
    throw new Error(`TEKO_HOME: ${home} is not writable (${error.code}); set TEKO_HOME to a writable folder`, {
      cause: error,
    });
  }
  return home;
}

/** Installs bubblewrap, the only system package that the sandbox needs, if the user agrees. */
async function offerSandbox() {
  const has = (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
  if (has('bwrap') || ['docker', 'unsafe-host'].includes(process.env.TEKO_SANDBOX ?? '')) return;
  const advice =
    'bubblewrap is not installed. Runs will fail until you install it (Debian: apt-get install bubblewrap).';
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return console.log(advice);
  if (!(
    process.env.TEKO_INSTALL === 'yes' || (await confirm('Install bubblewrap, the sandbox of the agents, now? [y/N] '))
  ))
    return console.log(advice);
  await step(
    'Installing bubblewrap',
    async () => (await run('apt-get', ['update', '-qq'])) || run('apt-get', ['install', '-y', '-qq', 'bubblewrap']),
  );
}

async function confirm(question) {
  if (!process.stdin.isTTY) return false;
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await prompt.question(question);
  prompt.close();
  return /^y/i.test(answer);
}
