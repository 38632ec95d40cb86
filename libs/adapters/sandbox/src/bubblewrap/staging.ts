import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { chmod, stat } from 'node:fs/promises';
import { run } from '../run';
import { SANDBOX_ENV } from '../environment';
import { nodeFiles, type SystemFolders } from './arguments';

/** A tmpfs in the mount namespace of the session. Folders are mounted here, so that the unprivileged user reaches them although their parents are private. */
const STAGING = '/mnt';
const { PATH } = SANDBOX_ENV;
const EVERYONE_READS = 0o005;

const PREPARE = `set -e
umask 022
mount -t tmpfs -o mode=755,size=1M teko ${STAGING}
mkdir ${STAGING}/workspace ${STAGING}/tmp ${STAGING}/etc ${STAGING}/mounts ${STAGING}/node
mount --bind "$1" ${STAGING}/workspace
mount --bind "$2" ${STAGING}/tmp
mount --bind "$3" ${STAGING}/etc
shift 3
i=0
for file; do
  target=${STAGING}/node/$i
  if [ -d "$file" ]; then mkdir $target; else : >$target; fi
  mount --bind "$file" $target
  i=$((i+1))
done
echo ready
read -r end || true`;

/** Mounts folders for one command only, then runs it as the unprivileged user. */
const WITH_MOUNTS = `set -e
uid=$1; shift
mount -t tmpfs -o mode=755,size=1M teko ${STAGING}/mounts
while [ "$1" != -- ]; do mkdir "${STAGING}/mounts/$1"; mount --bind "$2" "${STAGING}/mounts/$1"; shift 2; done
shift
exec setpriv --reuid "$uid" --regid "$uid" --clear-groups -- "$@"`;

/** Host folders of a session that commands see as their workspace, `/tmp` and `/etc`. */
export interface Folders {
  readonly workspace: string;
  readonly tmp: string;
  readonly etc: string;
}

/** How the folders of a session are named where bwrap runs, and the command that gets there. */
export interface Staging extends Folders, SystemFolders {
  mountsOf(mounts: Record<string, string>): Record<string, string>;
  /** Returns the command that runs `bwrap` with the right user and mounts. */
  enter(mounts: Record<string, string>, bwrap: string[]): string[];
  close(): void;
}

/** For a process that is not root: bwrap sees the folders as they are. */
export function unprivilegedStaging(folders: Folders): Staging {
  return {
    ...folders,
    node: Object.fromEntries(nodeFiles().map((file) => [file, file])),
    mountsOf: (mounts) => mounts,
    enter: (_mounts, bwrap) => bwrap,
    close: () => undefined,
  };
}

/**
 * For root: bwrap is never run as root, because its sandbox would own the host's files. A mount namespace holds the folders; it exists
 * as long as this process has it open.
 */
export async function privilegedStaging({ workspace, tmp, etc }: Folders, uid: number): Promise<Staging> {
  const node = nodeFiles();
  const args = ['--mount', '--propagation', 'private', 'sh', '-c', PREPARE, 'teko', workspace, tmp, etc, ...node];
  const child = spawn('unshare', args, { env: { PATH }, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-1000)));
  child.stdin.on('error', () => undefined);
  const ready = await Promise.race([once(child.stdout, 'data').then(() => true), closed.then(() => false)]);
  if (!ready) throw new Error(errors.trim() || 'a mount namespace cannot be created');
  const namespace = openSync(`/proc/${child.pid}/ns/mnt`, 'r');
  child.stdin.end();
  await closed;
  const nsenter = ['nsenter', `--mount=/proc/${process.pid}/fd/${namespace}`];
  const user = String(uid);
  return {
    workspace: `${STAGING}/workspace`,
    tmp: `${STAGING}/tmp`,
    etc: `${STAGING}/etc`,
    node: Object.fromEntries(node.map((file, i) => [file, `${STAGING}/node/${i}`])),
    mountsOf: (mounts) => Object.fromEntries(Object.keys(mounts).map((name) => [name, `${STAGING}/mounts/${name}`])),
    enter: (mounts, bwrap) =>
      Object.keys(mounts).length === 0
        ? [...nsenter, '--setuid', user, '--setgid', user, '--', ...bwrap]
        : [
            ...nsenter,
            ...['unshare', '--mount', '--propagation', 'private', 'sh', '-c', WITH_MOUNTS, 'teko', user],
            ...[...Object.entries(mounts).flat(), '--', ...bwrap],
          ],
    close: () => closeSync(namespace),
  };
}

/** Makes a folder of the host readable for the unprivileged user. */
export async function makeReadable(folder: string): Promise<void> {
  const { mode } = await stat(folder);
  if ((mode & EVERYONE_READS) !== EVERYONE_READS) await run('chmod', ['-R', 'a+rX', folder]);
  else await chmod(folder, mode);
}
