import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import type { Sandbox, SandboxLimits, SandboxSession } from '@teko/domain';
import { watchDisk } from './disk-watch';
import { SANDBOX_PROGRAM, SANDBOX_ENV } from './sandbox-program';
import { JsonLineSession } from './session';

const run = promisify(execFile);
const WORKSPACE = '/workspace';
const USER = '60000:60000';

/** Returns the arguments of `docker`: no network, no capabilities, and read-only except for the workspace and /tmp. */
export function dockerArgs(options: {
  name: string;
  image: string;
  workspace: string;
  limits: SandboxLimits;
}): string[] {
  const { name, image, workspace, limits } = options;
  const config = { env: SANDBOX_ENV, watch: true, memoryBytes: limits.memoryBytes, processes: limits.processes };
  return [
    ...['run', '--rm', '--interactive', '--init', '--name', name],
    ...['--network', 'none', '--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--user', USER],
    ...[
      '--pids-limit',
      String(limits.processes),
      '--memory',
      String(limits.memoryBytes),
      '--memory-swap',
      String(limits.memoryBytes),
    ],
    ...['--ulimit', 'core=0', '--ulimit', `fsize=${limits.diskBytes}`, '--tmpfs', '/tmp:rw,size=512m,mode=1777'],
    ...[
      '--volume',
      `${workspace}:${WORKSPACE}`,
      '--workdir',
      WORKSPACE,
      '--env',
      `TEKO_SANDBOX_CONFIG=${JSON.stringify(config)}`,
    ],
    ...[image, 'node', '-e', SANDBOX_PROGRAM],
  ];
}

/** One container per session. Requires a Docker engine, an image with Node.js and git, and a workspace that user 60000 can write. */
export class DockerSandbox implements Sandbox {
  readonly kind = 'docker';

  constructor(private readonly image: string) {}

  async unavailableReason(): Promise<string | null> {
    try {
      await run('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 5_000 });
    } catch {
      return 'the Docker engine does not respond. Start Docker, or install bubblewrap (Debian, Ubuntu: apt-get install bubblewrap)';
    }
    const found = await run('docker', ['image', 'inspect', this.image]).then(
      () => true,
      () => false,
    );
    return found
      ? null
      : `the image ${this.image} does not exist on this host. Pull it, or set TEKO_SANDBOX_IMAGE to another one`;
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
    const { runId, workspace, limits, signal } = options;
    signal?.throwIfAborted();
    if (process.getuid?.() === 0) await run('chown', ['-R', '-h', USER, workspace]);
    const name = `teko-${runId}-${Date.now()}`;
    const child = spawn('docker', dockerArgs({ name, image: this.image, workspace, limits }), {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    // The container outlives a killed client, so it is removed by name.
    const remove = () => void run('docker', ['rm', '--force', name]).catch(() => undefined);
    const session = new JsonLineSession(child, WORKSPACE, limits, () => {
      stopWatch();
      remove();
      signal?.removeEventListener('abort', kill);
    });
    const kill = () => session.kill();
    const stopWatch = watchDisk(workspace, limits.diskBytes, kill);
    signal?.addEventListener('abort', kill, { once: true });
    return session.ready();
  }
}
