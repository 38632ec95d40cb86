/*
 * Copies of builds that `npm start` runs from. A running Teko imports parts of its build when it first needs them, which may be days after
 * others were made; Nx and Vite replace the folder that they build into.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

export const KEPT_SNAPSHOTS = 3;
const USERS = '.used-by';

/**
 * Answers the folder in `folder` that has the copy of build `id`, which `create` fills if there is none. This process counts as its user.
 * Removes older ones that no process uses.
 */
export async function useSnapshot(folder, id, create) {
  const path = join(folder, id);
  if (!existsSync(path)) {
    const draft = join(folder, `.draft-${process.pid}`);
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(join(draft, USERS), { recursive: true });
    await create(draft);
    publish(draft, path);
  }
  writeFileSync(join(path, USERS, String(process.pid)), '');
  const now = new Date();
  utimesSync(path, now, now);
  removeOld(folder);
  return path;
}

/** Copies `dist` and `others` of an app, at the same places. */
export function copyApp(app, others, target) {
  for (const name of ['dist', ...others])
    cpSync(join(app, name), join(target, name), {
      recursive: true,
      filter: (path) => !path.includes('.compile-cache'),
    });
}

function publish(draft, path) {
  try {
    renameSync(draft, path);
  } catch (error) {
    // Another start was first.
    if (!existsSync(path)) throw error;
    rmSync(draft, { recursive: true, force: true });
  }
}

function removeOld(folder) {
  const snapshots = readdirSync(folder)
    .filter((name) => !name.startsWith('.draft-'))
    .map((name) => join(folder, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const path of snapshots.slice(KEPT_SNAPSHOTS)) if (!isUsed(path)) rmSync(path, { recursive: true, force: true });
}

function isUsed(path) {
  return readdirSync(join(path, USERS)).some((pid) => isAlive(Number(pid)));
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of another user.
    return error.code === 'EPERM';
  }
}
