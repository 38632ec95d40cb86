import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox, SandboxCheck, SandboxLimits, SandboxSession } from '@teko/domain';
import { DiskWatch } from './disk-watch';
import { SANDBOX_ENV } from './environment';
import { FILE_PROGRAM } from './files/file-program';
import type { CommandSpec, Launcher, LimitProbe, RunningCommand } from './launcher';
import { ProcessWatch } from './process-watch';
import { endAll, killGroup, processesWithVariable, startProcess } from './processes';
import { HostSession } from './session';
import { removeFolder } from './remove-folder';

const MARKER = 'TEKO_SANDBOX_COMMAND';

/** No isolation: commands run on this host with Teko's permissions. For hosts that are themselves a sandbox; must be enabled explicitly. */
export class UnsafeHostSandbox implements Sandbox {
  readonly kind = 'unsafe-host';

  async unavailableReason(): Promise<string | null> {
    return null;
  }

  readonly removeFolder = removeFolder;

  async checks(): Promise<SandboxCheck[]> {
    return [
      {
        name: 'isolation',
        enforcement: 'none',
        detail: 'Commands run with the permissions of Teko: they can read its data and change the host.',
        remedy: 'Install bubblewrap or Docker, and set TEKO_SANDBOX=auto.',
      },
    ];
  }

  async open(options: {
    runId: string;
    workspace: string;
    limits: SandboxLimits;
    signal?: AbortSignal;
  }): Promise<SandboxSession> {
    const { workspace, limits, signal } = options;
    signal?.throwIfAborted();
    const folder = await mkdtemp(`${workspace}.tmp-${process.pid}-`);
    await mkdir(join(folder, 'home'));
    return new HostSession(new HostLauncher(workspace, folder, limits), limits, signal);
  }
}

class HostLauncher implements Launcher {
  readonly probes: LimitProbe[];

  constructor(
    readonly cwd: string,
    private readonly tmp: string,
    private readonly limits: SandboxLimits,
  ) {
    this.probes = [new ProcessWatch(limits), new DiskWatch([cwd, tmp], limits)];
  }

  async start({ argv, cwd, env, mounts }: CommandSpec): Promise<RunningCommand> {
    const id = randomUUID();
    // Teko's own files are private; those of commands are ordinary.
    const shell = ['sh', '-c', 'umask 022; exec "$@"', 'sh'];
    const limits = ['--core=0', `--fsize=${this.limits.diskBytes}`, '--', ...shell];
    const child = startProcess(
      'prlimit',
      [...limits, 'env', '--chdir', join(this.cwd, cwd), '--', ...withHostPaths(argv, mounts)],
      {
        env: { ...env, TMPDIR: this.tmp, HOME: join(this.tmp, 'home'), [MARKER]: id },
        cwd: '/',
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    );
    return {
      child,
      kill: () => killGroup(child),
      clean: () => endAll(() => processesWithVariable(MARKER, id)),
      failure: (stderr) => {
        const message = stderr.trim().split('\n').at(-1) ?? '';
        return child.exitCode === 125 && message.startsWith('env: ') ? { reason: 'not_found', message } : null;
      },
    };
  }

  startFileProgram(): { child: ChildProcess; kill(): void } {
    const child = startProcess(process.execPath, ['-e', FILE_PROGRAM], {
      env: { PATH: SANDBOX_ENV.PATH },
      cwd: this.cwd,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    return { child, kill: () => killGroup(child) };
  }

  async close(): Promise<void> {
    await removeFolder(this.tmp);
  }
}

/** Without namespaces there are no mounts: a command is told where the folders are on this host. */
function withHostPaths(argv: string[], mounts: Record<string, string>): string[] {
  return argv.map((argument) =>
    argument.replace(/\/teko\/([\w][\w.-]*)/g, (path, name: string) =>
      Object.hasOwn(mounts, name) ? mounts[name]! : path,
    ),
  );
}
