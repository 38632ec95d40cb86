import { spawn } from 'node:child_process';
import type { Sandbox, SandboxLimits, SandboxSession } from '@teko/domain';
import { watchDisk } from './disk-watch';
import { INSIDE, INSIDE_ENV } from './inside';
import { JsonLineSession } from './session';

/** No wall at all: commands run on this host with Teko's rights. For hosts that are themselves a sandbox, and only when named. */
export class UnsafeHostSandbox implements Sandbox {
  readonly kind = 'unsafe-host';

  async unavailableReason(): Promise<string | null> {
    return null;
  }

  async open(options: {
    runId: string;
    workspace: string;
    limits: SandboxLimits;
    signal?: AbortSignal;
  }): Promise<SandboxSession> {
    const { workspace, limits, signal } = options;
    signal?.throwIfAborted();
    const config = { env: INSIDE_ENV, watch: false };
    const env = { PATH: INSIDE_ENV.PATH, TEKO_INSIDE: JSON.stringify(config) };
    const child = spawn(process.execPath, ['-e', INSIDE], {
      cwd: workspace,
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const session = new JsonLineSession(child, workspace, limits, () => {
      stopWatch();
      signal?.removeEventListener('abort', kill);
    });
    const kill = () => session.kill();
    const stopWatch = watchDisk(workspace, limits.diskBytes, kill);
    signal?.addEventListener('abort', kill, { once: true });
    return session.ready();
  }
}
