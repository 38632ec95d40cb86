import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecOptions, ExecResult, Sandbox, SandboxLimits, SandboxSession } from '@teko/domain';
import { processesWithArgument } from '@teko/testing';
import { onTestFinished } from 'vitest';

export const MB = 1024 * 1024;
export const LIMITS: SandboxLimits = {
  memoryBytes: 400 * MB,
  diskBytes: 64 * MB,
  files: 10_000,
  processes: 64,
  commandTimeoutMs: 60_000,
  outputBytes: 4096,
  outputKillBytes: MB,
};
/** Generous: ends only a test that hangs. */
export const WAIT = { timeout: 60_000 };

/** A driver that the contract is checked on. */
export interface Driver {
  sandbox: Sandbox;
  /** Why it cannot run on this host, or null. */
  missing: string | null;
  /** Whether commands are kept away from the host. */
  isolated: boolean;
  /** Whether commands are also kept away from the process that reports their exit code inside the sandbox. */
  hidesFirstProcess: boolean;
}

/** An open session in a folder of its own, with shortcuts. */
export interface OpenSession {
  session: SandboxSession;
  /** Host path of the workspace. */
  workspace: string;
  bash(script: string, options?: ExecOptions): Promise<ExecResult>;
  python(script: string, options?: ExecOptions): Promise<ExecResult>;
  outputOf(script: string): Promise<string>;
  close(): Promise<void>;
}

export async function openSession(sandbox: Sandbox, limits: Partial<SandboxLimits> = {}): Promise<OpenSession> {
  const folder = mkdtempSync(join(tmpdir(), 'teko-sandbox-'));
  const workspace = join(folder, 'workspace');
  mkdirSync(workspace);
  const session = await sandbox.open({ runId: 'run', workspace, limits: { ...LIMITS, ...limits } });
  const bash = (script: string, options?: ExecOptions) => session.exec(['bash', '-c', script], options);
  return {
    session,
    workspace,
    bash,
    python: (script, options) => session.exec(['python3', '-c', script], options),
    outputOf: async (script) => {
      const { head, tail } = await bash(script);
      return (head + tail).trim();
    },
    close: async () => {
      await session.close();
      await sandbox.removeFolder(folder);
    },
  };
}

/** Opens a session that is closed when the test has finished. */
export async function ownSession(sandbox: Sandbox, limits: Partial<SandboxLimits> = {}): Promise<OpenSession> {
  const open = await openSession(sandbox, limits);
  onTestFinished(() => open.close());
  return open;
}

/** A sleep command with a unique duration, and a function that counts its processes on this host. */
export function sleeper(): { command: string; seconds: string; running: () => number } {
  const seconds = `987.${randomInt(1e9)}`;
  const running = () =>
    processesWithArgument(seconds).filter(({ command }) => command.join(' ') === `sleep ${seconds}`).length;
  return { command: `sleep ${seconds}`, seconds, running };
}

export const text = ({ head, tail }: ExecResult): string => (head + tail).trim();
