/* `npm start`: installs what is missing, builds what changed, and runs Teko until Ctrl-C. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { copyApp, useSnapshot } from './snapshots.mjs';
import { build, buildHash, installPackages, root, run, step } from './steps.mjs';

function fail(line) {
  console.error(line);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    fail(`Node ${process.versions.node} is too old: Teko needs 20.19 or newer`);
}

function checkHome() {
  const home = resolve(root, process.env.TEKO_HOME || '.teko');
  try {
    mkdirSync(home, { recursive: true });
    accessSync(home, constants.W_OK);
  } catch (error) {
    fail(`TEKO_HOME: ${home} cannot be written (${error.code}); set TEKO_HOME to a folder that can`);
  }
  return home;
}

/** The sandbox's only need from the system. Installs it only when told to. */
async function offerSandbox() {
  const has = (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
  if (has('bwrap') || ['docker', 'unsafe-host'].includes(process.env.TEKO_SANDBOX ?? '')) return;
  const advice =
    'No bubblewrap here: runs will end with a note until it is installed (Debian: apt-get install bubblewrap).';
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return console.log(advice);
  if (!(
    process.env.TEKO_INSTALL === 'yes' || (await agreed('Install bubblewrap, the sandbox of the agents, now? [y/N] '))
  ))
    return console.log(advice);
  await step(
    'Installing bubblewrap',
    async () => (await run('apt-get', ['update', '-qq'])) || run('apt-get', ['install', '-y', '-qq', 'bubblewrap']),
  );
}

async function agreed(question) {
  if (!process.stdin.isTTY) return false;
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await prompt.question(question);
  prompt.close();
  return /^y/i.test(answer);
}

/** The server's entry in a copy of the newest build, which is made if a source changed. */
async function builtEntry() {
  const apps = ['web', 'standalone'];
  const app = (name) => join(root, 'apps', name);
  const snapshot = await useSnapshot(join(root, 'dist'), await buildHash(apps), async (draft) => {
    await build(apps);
    copyApp(app('web'), [], join(draft, 'web'));
    copyApp(app('standalone'), ['demo'], join(draft, 'standalone'));
  });
  return join(snapshot, 'standalone', 'dist', 'main.js');
}

checkNode();
const home = checkHome();
let entry;
try {
  await offerSandbox();
  await installPackages();
  entry = await builtEntry();
} catch (error) {
  fail(error.message);
}
process.env.TEKO_HOME = home;
// In this process: a second one takes longer to start, and would have to be told of every signal.
await import(pathToFileURL(entry).href);
