import { execFile, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import {
  UnavailableError,
  type Sandbox,
  type SandboxCheck,
  type SandboxLimits,
  type SandboxSession,
} from '@teko/domain';
import { dockerChecks } from '../checks';
import { DiskWatch } from '../disk-watch';
import { FILE_PROGRAM } from '../files/file-program';
import type { CommandSpec, Launcher, LimitProbe, RunningCommand } from '../launcher';
import { killGroup, startProcess } from '../processes';
import { seccompProfile } from '../seccomp/profile';
import { HostSession } from '../session';
import { removeFolder } from '../remove-folder';

const OWNER_LABEL = 'teko.sandbox.owner';
const ownLabel = (pid: number | string) => `${hostname()}:${pid}`;
const docker = promisify(execFile);
const WORKSPACE = '/workspace';
const USER = '60000:60000';
const COMMAND_TIMEOUT_MS = 30_000;
/** Exit code of `docker run` when the engine failed, not the command. */
const ENGINE_FAILED = 125;

export interface ContainerOptions {
  /** Containers of one session share this label. */
  session: string;
  name: string;
  image: string;
  workspace: string;
  tmp: string;
  seccomp: string;
  limits: SandboxLimits;
}

/** Arguments of `docker` for a container without network and capabilities, read-only except for the workspace and /tmp. */
function containerArguments({ session, name, image, workspace, tmp, seccomp, limits }: ContainerOptions) {
  const volume = (host: string, inside: string, mode: 'rw' | 'ro') => ['--volume', `${host}:${inside}:${mode}`];
  return {
    base: [
      ...['run', '--rm', '--interactive', '--init', '--name', name, '--label', `teko.sandbox=${session}`],
      ...['--label', `${OWNER_LABEL}=${ownLabel(process.pid)}`],
      ...['--network', 'none', '--read-only', '--cap-drop', 'ALL', '--user', USER, '--hostname', 'sandbox'],
      ...['--ipc', 'private', '--security-opt', 'no-new-privileges', '--security-opt', `seccomp=${seccomp}`],
      ...['--pids-limit', String(limits.processes), '--memory', String(limits.memoryBytes)],
      ...['--memory-swap', String(limits.memoryBytes), '--ulimit', 'core=0', '--ulimit', `fsize=${limits.diskBytes}`],
      ...['--shm-size', '64m'],
      ...volume(workspace, WORKSPACE, 'rw'),
    ],
    tmp: volume(tmp, '/tmp', 'rw'),
    image,
    volume,
  };
}

/** Returns the arguments of `docker` that run one command in a container of its own. */
export function commandContainer(options: ContainerOptions, { argv, cwd, env, mounts }: CommandSpec): string[] {
  const { base, tmp, image, volume } = containerArguments(options);
  return [
    ...[...base, ...tmp],
    ...Object.entries(mounts).flatMap(([name, folder]) => volume(folder, `/teko/${name}`, 'ro')),
    ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    ...['--workdir', posix.join(WORKSPACE, cwd), '--entrypoint', '', image, ...argv],
  ];
}

/** Returns the arguments of `docker` that run the file program in a container of its own. */
export function fileContainer(options: ContainerOptions): string[] {
  const { base, image } = containerArguments(options);
  return [...base, '--workdir', WORKSPACE, '--entrypoint', '', image, 'node', '-e', FILE_PROGRAM];
}

/**
 * One container per command. Requires a Docker engine, an image with Node.js and git, and a workspace that user 60000 can write.
 */
export class DockerSandbox implements Sandbox {
  readonly kind = 'docker';

  constructor(private readonly image: string) {}

  async unavailableReason(): Promise<string | null> {
    try {
      await docker('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 5_000 });
    } catch {
      return 'the Docker engine does not respond. Start Docker, or install bubblewrap (Debian, Ubuntu: apt-get install bubblewrap)';
    }
    const found = await docker('docker', ['image', 'inspect', this.image]).then(
      () => true,
      () => false,
    );
    return found
      ? null
      : `the image ${this.image} does not exist on this host. Pull it, or set TEKO_SANDBOX_IMAGE to another one`;
  }

  readonly removeFolder = removeFolder;

  async checks(): Promise<SandboxCheck[]> {
    return dockerChecks();
  }

  async open(options: {
    runId: string;
    workspace: string;
    limits: SandboxLimits;
    signal?: AbortSignal;
  }): Promise<SandboxSession> {
    const { runId, workspace, limits, signal } = options;
    signal?.throwIfAborted();
    sweep ??= removeLeftovers();
    await sweep;
    const folder = await mkdtemp(`${workspace}.tmp-${process.pid}-`);
    const tmp = join(folder, 'tmp');
    const seccomp = join(folder, 'seccomp.json');
    try {
      await mkdir(join(tmp, 'home'), { recursive: true });
      await writeFile(seccomp, JSON.stringify(seccompProfile()));
      if (process.getuid?.() === 0) await docker('chown', ['-R', '-h', USER, workspace, tmp]);
      else for (const path of [tmp, join(tmp, 'home')]) await chmod(path, 0o1777);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw new UnavailableError('sandbox', `the sandbox failed to start: ${(error as Error).message}`);
    }
    const session = `${runId}-${randomBytes(4).toString('hex')}`;
    const container = { session, image: this.image, workspace, tmp, seccomp, limits };
    return new HostSession(new DockerLauncher(container, folder), limits, signal);
  }
}

class DockerLauncher implements Launcher {
  readonly cwd = WORKSPACE;
  readonly probes: LimitProbe[];
  private count = 0;

  constructor(
    private readonly container: Omit<ContainerOptions, 'name'>,
    private readonly folder: string,
  ) {
    this.probes = [new DiskWatch([container.workspace, container.tmp], container.limits)];
  }

  async start(command: CommandSpec): Promise<RunningCommand> {
    const name = this.nextName();
    const child = this.spawn(commandContainer({ ...this.container, name }, command));
    return {
      child,
      kill: () => this.kill(name, child),
      // The container can outlive a client that was killed.
      clean: () => this.remove(name),
      failure: (stderr) => {
        const message = stderr.trim().split('\n').at(-1) ?? '';
        if (child.exitCode === ENGINE_FAILED) return { reason: 'sandbox', message };
        return child.exitCode === 127 && /^docker: /.test(message) ? { reason: 'not_found', message } : null;
      },
    };
  }

  startFileProgram(): { child: ChildProcess; kill(): void } {
    const name = this.nextName();
    const child = this.spawn(fileContainer({ ...this.container, name }));
    return { child, kill: () => this.kill(name, child) };
  }

  async close(): Promise<void> {
    const filter = `label=teko.sandbox=${this.container.session}`;
    const { stdout } = await docker('docker', ['ps', '--all', '--quiet', '--filter', filter]).catch(() => ({
      stdout: '',
    }));
    const ids = stdout.split('\n').filter(Boolean);
    if (ids.length > 0) await docker('docker', ['rm', '--force', ...ids]).catch(() => undefined);
    await removeFolder(this.folder).catch(() => undefined);
  }

  private nextName(): string {
    return `teko-${this.container.session}-${++this.count}`;
  }

  private spawn(args: string[]): ChildProcess {
    return startProcess('docker', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  }

  private kill(name: string, child: ChildProcess): void {
    void this.remove(name).finally(() => killGroup(child));
  }

  private async remove(name: string): Promise<void> {
    await docker('docker', ['rm', '--force', name], { timeout: COMMAND_TIMEOUT_MS }).catch(() => undefined);
  }
}

let sweep: Promise<void> | null = null;

/** Removes containers of processes on this host that have ended. */
async function removeLeftovers(): Promise<void> {
  const format = `{{.ID}} {{.Label "${OWNER_LABEL}"}}`;
  const { stdout } = await docker('docker', [
    'ps',
    '--all',
    '--filter',
    `label=${OWNER_LABEL}`,
    '--format',
    format,
  ]).catch(() => ({ stdout: '' }));
  const left = stdout.split('\n').flatMap((line) => {
    const [id = '', owner = ''] = line.split(' ');
    const pid = owner.startsWith(`${hostname()}:`) ? owner.split(':').at(-1)! : null;
    return id && pid && !existsSync(`/proc/${pid}`) ? [id] : [];
  });
  if (left.length > 0) await docker('docker', ['rm', '--force', ...left]).catch(() => undefined);
}
