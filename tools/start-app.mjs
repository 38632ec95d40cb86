/* Runs a built app from a copy of its build, so that a later build does not change a running process. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { answerTo } from './command-line.mjs';
import { prepare } from './prepare.mjs';
import { copyApp, useSnapshot } from './snapshots.mjs';
import { build, buildHash, root } from './steps.mjs';

/** Files of an app besides its build. */
const FILES = { standalone: ['demo'] };

/**
 * Prepares this machine, builds `app` and the apps beside it if a source has changed, and runs `app` in this process, because a child
 * process takes longer to start and needs every signal forwarded. Exits with code 1 and one line if that fails, and with code 2 and the
 * usage of `script` if the app does not know its arguments.
 * @param {string} app
 * @param {{ script: string, purpose: string, beside?: string[] }} options
 */
export async function startApp(app, { script, purpose, beside = [] }) {
  const answer = answerTo(process.argv.slice(2), { script, purpose, commands: commandsOf(app) });
  if (answer) {
    (answer.exitCode === 0 ? console.log : console.error)(answer.text);
    process.exit(answer.exitCode);
  }
  let entry;
  try {
    await prepare();
    entry = await builtEntry(app, [...beside, app]);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
  await import(pathToFileURL(entry).href);
}

/** Returns the descriptions of the app's commands by name. */
function commandsOf(app) {
  const file = join(root, 'apps', app, 'src', 'commands.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

async function builtEntry(app, apps) {
  const snapshot = await useSnapshot(join(root, 'dist'), await buildHash(apps), async (draft) => {
    await build(apps);
    for (const name of apps) copyApp(join(root, 'apps', name), FILES[name] ?? [], join(draft, name));
  });
  return join(snapshot, app, 'dist', 'main.js');
}
