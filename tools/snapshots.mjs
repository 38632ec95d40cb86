/*
 * Copies of builds that `npm start` runs from. A running Teko imports parts of its build on first use, possibly days later, while Nx and
 * Vite replace their output folder with each build.
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

export const SNAPSHOTS_TO_KEEP = 6;
const USERS = '.used-by';

/**
 * Returns the subfolder of `folder` with the copy of build `id`. If there is none, `create` fills it. Marks this process as a user of the
 * copy, and removes older copies without users.
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

/** Copies `dist` and `others` from the folder of an app to `target`. */
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
    // Another process has created it meanwhile.
    if (!existsSync(path)) throw error;
    rmSync(draft, { recursive: true, force: true });
  }
}

function removeOld(folder) {
  const snapshots = readdirSync(folder)
    .filter((name) => !name.startsWith('.draft-'))
    .map((name) => join(folder, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const path of snapshots.slice(SNAPSHOTS_TO_KEEP))
    if (!isUsed(path)) rmSync(path, { recursive: true, force: true });
}

function isUsed(path) {
  return readdirSync(join(path, USERS)).some((pid) => isAlive(Number(pid)));
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // The process belongs to another user.
    return error.code === 'EPERM';
  }
}
