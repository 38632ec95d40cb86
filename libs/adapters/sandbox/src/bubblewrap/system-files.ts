import { rmSync } from 'node:fs';
import { access, chmod, mkdtemp, readdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeFolder } from '../remove-folder';
import { run } from '../run';

const ETC = [
  'alternatives',
  'ssl/certs',
  'ca-certificates',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'mime.types',
  'passwd',
  'group',
  'nsswitch.conf',
  'php',
  'python3',
  'java-17-openjdk',
];
const PREFIX = 'teko-etc-';

interface Copy {
  folder: string;
  entries: number;
}

let current: Promise<Copy> | null = null;
/** Copies of this process. Open sessions can use one that is not complete any more. */
const copies: string[] = [];

/**
 * Returns a copy of the files of `/etc` that programs need, made once per process. Each command mounts one folder instead of a dozen
 * files, which would cost more than starting the command. A copy from which a cleaner of temporary folders deleted something is made
 * anew.
 */
export async function systemFiles(): Promise<string> {
  const copy = current ?? copySystemFiles();
  current = copy;
  try {
    const { folder, entries } = await copy;
    if ((await countEntries(folder)) === entries) return folder;
  } catch (error) {
    if (current === copy) current = null;
    throw error;
  }
  if (current === copy) current = null;
  return systemFiles();
}

async function copySystemFiles(): Promise<Copy> {
  await removeLeftovers();
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  if (copies.push(folder) === 1) process.once('exit', removeCopies);
  await chmod(folder, 0o755);
  const existing: string[] = [];
  for (const name of ETC)
    await access(join('/etc', name)).then(
      () => existing.push(name),
      () => undefined,
    );
  await run('cp', ['-a', '-H', '--parents', '--', ...existing, folder], { cwd: '/etc' }).catch(requireAllReadable);
  return { folder, entries: await countEntries(folder) };
}

/** A file that this user cannot read is missing inside, as it would be unreadable there. All others must be there. */
function requireAllReadable({ stderr = '', message }: Error & { stderr?: string }): void {
  const failure = stderr.split('\n').find((line) => line !== '' && !line.endsWith(': Permission denied'));
  if (stderr === '' || failure !== undefined) throw new Error(failure ?? message);
}

async function countEntries(folder: string): Promise<number> {
  return (await readdir(folder, { recursive: true }).catch(() => [])).length;
}

function removeCopies(): void {
  for (const folder of copies) rmSync(folder, { recursive: true, force: true });
}

/** Deletes the copies of processes that have ended. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir()).catch(() => [])) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid && !existsSync(`/proc/${pid}`)) await removeFolder(join(tmpdir(), name)).catch(() => undefined);
  }
}
