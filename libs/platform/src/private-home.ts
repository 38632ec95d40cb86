import { constants } from 'node:fs';
import { lstat, open, readdir, realpath } from 'node:fs/promises';
import { join, parse } from 'node:path';

/** Permissions of a process and its children: new files and folders are for their owner only. */
const PRIVATE_UMASK = 0o077;
const OTHERS = 0o077;
const STICKY = 0o1000;
/** Folders whose entries are tightened too. What is below is out of reach, and belongs to the users of sandboxes. */
const OWN_FOLDERS = ['memory', 'repositories', 'chroma'];
const MAX_ENTRIES = 5_000;
/** One of them is in each data folder of an earlier release, which left it open to other users. */
const OWN_NAMES = ['teko.db', 'secret', 'workspaces'];
/** What a new volume contains. */
const NEW_VOLUME = ['lost+found'];

/** Makes all files that this process and its children create private. */
export function usePrivateUmask(): void {
  process.umask(PRIVATE_UMASK);
}

/**
 * Takes the permissions of group and others from the data folder, its entries, and the databases and repositories in it. Does not
 * follow links in it. Returns false if other users can still read it, for example because it is a volume whose permissions cannot be
 * changed. Throws if programs share the folder, such as `/tmp`, or if it is open to others and contains files but is no data folder,
 * such as `/etc`: without their permissions the host would no longer work.
 */
export async function tightenHome(path: string): Promise<boolean> {
  const home = await realpath(path);
  const { mode } = await lstat(home);
  if (parse(home).root === home || (mode & STICKY) !== 0)
    throw new Error(`TEKO_HOME: ${home} is a folder that programs share; set TEKO_HOME to a folder of its own`);
  if (!(await isOwn(home, mode)))
    throw new Error(
      `TEKO_HOME: ${home} contains files that are not Teko's, and other users can read it; set TEKO_HOME to a new or empty folder`,
    );
  await tighten(home);
  await tightenEntries(home);
  for (const name of OWN_FOLDERS) await tightenEntries(join(home, name));
  return process.platform === 'win32' || ((await lstat(home)).mode & OTHERS) === 0;
}

/** Whether a folder has nothing to lose: it is private already, empty, or a data folder. */
async function isOwn(home: string, mode: number): Promise<boolean> {
  if ((mode & OTHERS) === 0) return true;
  const names = (await readdir(home)).filter((name) => !NEW_VOLUME.includes(name));
  return names.length === 0 || OWN_NAMES.some((name) => names.includes(name));
}

async function tightenEntries(folder: string): Promise<void> {
  const isFolder = await lstat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return;
  const names = await readdir(folder).catch(() => []);
  for (const name of names.slice(0, MAX_ENTRIES)) await tighten(join(folder, name));
}

/** Changes only files and folders of this user: others, links and sockets are left as they are. */
async function tighten(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (!found || !(found.isFile() || found.isDirectory()) || (found.mode & OTHERS) === 0) return;
  try {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const file = await open(path, flags);
    try {
      await file.chmod((await file.stat()).mode & 0o7777 & ~OTHERS);
    } finally {
      await file.close();
    }
  } catch {
    // Removed meanwhile, or of another user; the data folder itself is checked afterwards.
  }
}
