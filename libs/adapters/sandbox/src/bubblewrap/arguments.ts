import { existsSync } from 'node:fs';
import { dirname, posix } from 'node:path';

export const WORKSPACE = '/workspace';
const MB = 1024 * 1024;
const SHM_BYTES = 64 * MB;
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

/** Returns the arguments of bwrap up to the writable folders: all namespaces, and a read-only system without the host's data. */
export function isolation(): string[] {
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
    ...ETC.flatMap((name) => ['--ro-bind-try', `/etc/${name}`, `/etc/${name}`]),
    ...(node.startsWith('/usr') ? [] : ['--ro-bind', node, node]),
    ...['--proc', '/proc', '--dev', '/dev'],
    // Process 1 reports the exit code of the command, which must not reach its memory and descriptors.
    ...['--tmpfs', '/proc/1', '--remount-ro', '/proc/1'],
    ...['--size', String(SHM_BYTES), '--perms', '1777', '--tmpfs', '/dev/shm', '--remount-ro', '/dev'],
  ];
}

/** Returns the rest of the arguments for a command: its writable folders, mounts, environment and working directory. */
export function commandArguments(options: {
  workspace: string;
  tmp: string;
  cwd: string;
  env: Record<string, string>;
  mounts: Record<string, string>;
  argv: string[];
}): string[] {
  const { workspace, tmp, cwd, env, mounts, argv } = options;
  return [
    ...['--bind', tmp, '/tmp', '--bind', workspace, WORKSPACE],
    ...Object.entries(mounts).flatMap(([name, folder]) => ['--ro-bind', folder, `/teko/${name}`]),
    ...['--remount-ro', '/'],
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--chdir', posix.join(WORKSPACE, cwd), '--', ...argv],
  ];
}

/** Returns the rest of the arguments for the file program: it sees the workspace and nothing else that commands can write. */
export function fileProgramArguments(workspace: string, argv: string[]): string[] {
  return [
    ...['--size', String(MB), '--tmpfs', '/tmp', '--bind', workspace, WORKSPACE, '--remount-ro', '/'],
    ...['--chdir', WORKSPACE, '--', ...argv],
  ];
}

/** Quotes an argument for a line that is evaluated by sh, in which `$nl` is a line feed. */
export function quoted(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`).replaceAll('\n', `'"$nl"'`)}'`;
}
