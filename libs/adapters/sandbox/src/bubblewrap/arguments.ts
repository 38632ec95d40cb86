import { existsSync } from 'node:fs';
import { dirname, posix } from 'node:path';

export const WORKSPACE = '/workspace';
const MB = 1024 * 1024;
const SHM_BYTES = 64 * MB;
/**
 * Returns the arguments of bwrap up to the writable folders: all namespaces, and a read-only system without the host's data. `etc` is
 * the folder that becomes `/etc`.
 */
export function isolation(etc: string): string[] {
  const node = dirname(dirname(process.execPath));
  return [
    '--unshare-all',
    '--unshare-user',
    '--disable-userns',
    '--die-with-parent',
    '--new-session',
    '--clearenv',
    ...['--hostname', 'sandbox'],
    ...['--ro-bind', '/usr', '/usr'],
    ...['bin', 'sbin', 'lib', 'lib32', 'lib64'].flatMap((name) =>
      existsSync(`/${name}`) ? ['--symlink', `usr/${name}`, `/${name}`] : [],
    ),
    ...['--ro-bind', etc, '/etc'],
    ...(node.startsWith('/usr') ? [] : ['--ro-bind', node, node]),
    ...['--proc', '/proc', '--dev', '/dev'],
    // Process 1 reports the exit code of the command, which must not reach its memory and descriptors.
    ...['--tmpfs', '/proc/1', '--remount-ro', '/proc/1'],
    ...['--size', String(SHM_BYTES), '--perms', '1777', '--tmpfs', '/dev/shm', '--remount-ro', '/dev'],
  ];
}

/** Returns the arguments for the writable folders of commands. */
export function folderArguments({ workspace, tmp }: { workspace: string; tmp: string }): string[] {
  return ['--bind', tmp, '/tmp', '--bind', workspace, WORKSPACE];
}

/** Returns the rest of the arguments for a command: its mounts, environment, working directory and itself. */
export function commandArguments(options: {
  cwd: string;
  env: Record<string, string>;
  mounts: Record<string, string>;
  argv: string[];
}): string[] {
  const { cwd, env, mounts, argv } = options;
  return [
    ...Object.entries(mounts).flatMap(([name, folder]) => ['--ro-bind', folder, `/teko/${name}`]),
    ...['--remount-ro', '/'],
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--chdir', posix.join(WORKSPACE, cwd), '--', ...argv],
  ];
}

/** Returns the rest of the arguments for the file program: it sees the workspace and nothing else that commands can write. */
export function fileProgramArguments(workspace: string): string[] {
  return [
    ...['--size', String(MB), '--tmpfs', '/tmp', '--bind', workspace, WORKSPACE, '--remount-ro', '/'],
    ...['--chdir', WORKSPACE],
  ];
}

/** Quotes an argument for a line that is evaluated by sh, in which `$nl` is a line feed. */
export function quoted(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`).replaceAll('\n', `'"$nl"'`)}'`;
}
