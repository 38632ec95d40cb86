import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

export const WORKSPACE = '/workspace';
const MB = 1024 * 1024;
const SHM_BYTES = 64 * MB;
/** Libraries that a Node.js of conda, or one that was built with shared libraries, has beside it. */
const NODE_LIBRARY = /^lib(node|stdc\+\+|uv)\.so/;

/**
 * Returns the files of a Node.js outside of `/usr`: its program, and its libraries if it has some. What else is in its folder can be
 * private, such as `~` if it is `~/bin/node`.
 */
export function nodeFiles(program = process.execPath): string[] {
  if (program.startsWith('/usr/')) return [];
  const libraries = join(dirname(dirname(program)), 'lib');
  const hasLibraries =
    libraries !== '/lib' && existsSync(libraries) && readdirSync(libraries).some((name) => NODE_LIBRARY.test(name));
  return hasLibraries ? [program, libraries] : [program];
}

/** What every sandbox sees of the host besides `/usr`: the folder that becomes `/etc`, and where each file of Node.js is. */
export interface SystemFolders {
  readonly etc: string;
  readonly node: Readonly<Record<string, string>>;
}

/** Returns the arguments of bwrap up to the writable folders: all namespaces, and a read-only system without the host's data. */
export function isolation({ etc, node }: SystemFolders): string[] {
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
    ...Object.entries(node).flatMap(([path, source]) => ['--ro-bind', source, path]),
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
