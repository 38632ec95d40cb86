import { spawn } from 'node:child_process';
import type { Sandbox, SandboxLimits, SandboxSession } from '@teko/domain';
import { watchDisk } from './disk-watch';
import { SANDBOX_PROGRAM, SANDBOX_ENV } from './sandbox-program';
import { JsonLineSession } from './session';

/** No isolation: commands run on this host with Teko's permissions. For hosts that are themselves a sandbox; must be enabled explicitly. */
export class UnsafeHostSandbox implements Sandbox {
  readonly kind = 'unsafe-host';

  async unavailableReason(): Promise<string | null> {
    return null;
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
    const { workspace, limits, signal } = options;
    signal?.throwIfAborted();
    const config = { env: SANDBOX_ENV, watch: false };
    const env = { PATH: SANDBOX_ENV.PATH, TEKO_SANDBOX_CONFIG: JSON.stringify(config) };
    const child = spawn(process.execPath, ['-e', SANDBOX_PROGRAM], {
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
