import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { UnavailableError, type Sandbox, type SandboxLimits, type SandboxSession } from '@teko/domain';
import { watchDisk } from './disk-watch';
import { SANDBOX_PROGRAM, SANDBOX_ENV } from './sandbox-program';
import { JsonLineSession } from './session';

const run = promisify(execFile);
const WORKSPACE = '/workspace';
/** The workspace is mounted here before root privileges are dropped, so its parent folders can be inaccessible to the unprivileged user. */
const STAGING = '/mnt';
const FIRST_UID = 60_000;
const UIDS = 5_000;
const TMP_BYTES = 512 * 1024 * 1024;
const { PATH } = SANDBOX_ENV;
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

/** Linux namespaces through bubblewrap: no network, a read-only system, separate processes and an unprivileged user. */
export class BubblewrapSandbox implements Sandbox {
  readonly kind = 'bubblewrap';

  async unavailableReason(): Promise<string | null> {
    try {
      await run('bwrap', ['--version'], { env: { PATH } });
    } catch {
      return 'bubblewrap is not installed. Install it (Debian, Ubuntu: apt-get install bubblewrap)';
    }
    try {
      const uid = process.getuid?.() === 0 ? FIRST_UID : null;
      const { args, command } = bwrapCommand(['--', '/usr/bin/env', 'true'], uid, null);
      await run(command, args, { env: { PATH } });
      return null;
    } catch (error) {
      const reason = (error as Error).message.trim().split('\n').at(-1);
      return `bubblewrap cannot create namespaces here (${reason}). Allow unprivileged user namespaces, or set TEKO_SANDBOX=docker`;
    }
  }

  async checks() {
    return [];
  }

  async open(options: {
    runId: string;
    workspace: string;
    limits: SandboxLimits;
    signal?: AbortSignal;
  }): Promise<SandboxSession> {
    options.signal?.throwIfAborted();
    const uid =
      process.getuid?.() === 0
        ? FIRST_UID + (createHash('sha256').update(options.runId).digest().readUInt32BE() % UIDS)
        : null;
    if (uid !== null) await run('chown', ['-R', '-h', `${uid}:${uid}`, options.workspace], { env: { PATH } });
    const { command, args } = bwrapCommand(programArgs(options.limits), uid, options.workspace, options.limits);
    const child = spawn(command, args, { env: { PATH }, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    const session = new JsonLineSession(child, WORKSPACE, options.limits, () => {
      stopWatch();
      options.signal?.removeEventListener('abort', kill);
    });
    const kill = () => session.kill();
    const stopWatch = watchDisk(options.workspace, options.limits.diskBytes, kill);
    options.signal?.addEventListener('abort', kill, { once: true });
    return session.ready().catch((error: Error) => {
      session.kill();
      throw new UnavailableError('sandbox', `the sandbox failed to start: ${error.message}`);
    });
  }
}

function programArgs(limits: SandboxLimits): string[] {
  const config = { env: SANDBOX_ENV, watch: true, memoryBytes: limits.memoryBytes, processes: limits.processes };
  return [
    '--setenv',
    'TEKO_SANDBOX_CONFIG',
    JSON.stringify(config),
    '--setenv',
    'PATH',
    PATH,
    '--',
    process.execPath,
    '--max-old-space-size=512',
    '-e',
    SANDBOX_PROGRAM,
  ];
}

/** Returns the complete command. As root, it first enters a new mount namespace and switches to an unprivileged user. */
function bwrapCommand(
  inside: string[],
  uid: number | null,
  workspace: string | null,
  limits?: SandboxLimits,
): { command: string; args: string[] } {
  const bwrap = ['bwrap', ...isolationArgs(workspace === null ? null : uid === null ? workspace : STAGING), ...inside];
  const limitArgs = limits
    ? [
        'prlimit',
        '--core=0',
        `--fsize=${limits.diskBytes}`,
        `--nproc=${limits.processes + (uid === null ? 4000 : 32)}`,
        '--',
      ]
    : [];
  if (uid === null) return { command: limitArgs[0] ?? 'bwrap', args: [...limitArgs, ...bwrap].slice(1) };
  const drop = ['setpriv', '--reuid', String(uid), '--regid', String(uid), '--clear-groups', '--no-new-privs', '--'];
  const script = workspace === null ? 'shift; exec "$@"' : `mount --bind "$1" ${STAGING} && shift && exec "$@"`;
  return {
    command: 'unshare',
    args: [
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      script,
      'teko',
      workspace ?? '',
      ...drop,
      ...limitArgs,
      ...bwrap,
    ],
  };
}

function isolationArgs(workspace: string | null): string[] {
  const node = dirname(dirname(process.execPath));
  const tmp = ['--size', String(TMP_BYTES), '--perms', '1777', '--tmpfs', '/tmp', '--dir', '/tmp/home'];
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
    ...['--size', String(TMP_BYTES / 8), '--perms', '1777', '--tmpfs', '/dev/shm'],
    ...tmp,
    ...(workspace === null ? [] : ['--bind', workspace, WORKSPACE, '--chdir', WORKSPACE]),
    ...['--remount-ro', '/'],
  ];
}
