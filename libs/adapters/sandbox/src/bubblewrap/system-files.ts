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

let folder: Promise<string> | null = null;

/**
 * Returns a copy of the files of `/etc` that programs need, made once per process. Each command mounts one folder instead of a dozen
 * files, which would cost more than starting the command.
 */
export function systemFiles(): Promise<string> {
  folder ??= copySystemFiles().catch((error) => {
    folder = null;
    throw error;
  });
  return folder;
}

async function copySystemFiles(): Promise<string> {
  await removeLeftovers();
  const copy = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  process.once('exit', () => rmSync(copy, { recursive: true, force: true }));
  await chmod(copy, 0o755);
  const existing: string[] = [];
  for (const name of ETC)
    await access(join('/etc', name)).then(
      () => existing.push(name),
      () => undefined,
    );
  // A file that this user cannot read is missing inside, as it would be unreadable there.
  await run('cp', ['-a', '-H', '--parents', '--', ...existing, copy], { cwd: '/etc' }).catch(() => undefined);
  return copy;
}

/** Deletes the copies of processes that have ended. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid && !existsSync(`/proc/${pid}`)) await removeFolder(join(tmpdir(), name)).catch(() => undefined);
  }
}
