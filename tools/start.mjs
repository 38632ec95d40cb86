/* `npm start`: installs what is missing, builds what changed, and runs Teko until Ctrl-C. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare } from './prepare.mjs';
import { copyApp, useSnapshot } from './snapshots.mjs';
import { build, buildHash, root } from './steps.mjs';

/** Returns the server's entry file in a copy of the current build. Builds if a source has changed. */
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

let entry;
try {
  await prepare();
  entry = await builtEntry();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
// Runs in this process, because a child process takes longer to start and needs every signal forwarded.
await import(pathToFileURL(entry).href);
