/** Limits of a sandbox session, in bytes and milliseconds. */
export interface SandboxLimits {
  memoryBytes: number;
  diskBytes: number;
  processes: number;
  commandTimeoutMs: number;
  /** Stored output per command: head and tail together. */
  outputBytes: number;
  /** A command with more output than this is killed. */
  outputKillBytes: number;
}

export interface ExecResult {
  code: number | null;
  signal: string | null;
  timedOut: boolean;
  /** Whether the command was killed because it exceeded `outputKillBytes`. */
  truncatedByKill: boolean;
  head: string;
  tail: string;
  totalBytes: number;
  durationMs: number;
}

/** An isolated environment for commands. Only `workspace` is writable. */
export interface SandboxSession {
  /** Path of the workspace inside the sandbox. */
  readonly cwd: string;
  /** Runs a command and returns its exit code and output. Does not throw if the command fails. */
  exec(
    argv: string[],
    options?: {
      cwd?: string;
      env?: Record<string, string>;
      stdin?: string;
      timeoutMs?: number;
      outputBytes?: number;
      signal?: AbortSignal;
    },
  ): Promise<ExecResult>;
  /** Files are read and written inside the sandbox, so a symbolic link cannot escape it. Paths are relative to the workspace. */
  readFile(path: string, options?: { maxBytes?: number }): Promise<Buffer>;
  writeFile(path: string, content: Buffer | string): Promise<void>;
  list(
    path: string,
    options?: { depth?: number; limit?: number },
  ): Promise<{ path: string; type: 'file' | 'dir' | 'link' | 'other'; bytes: number }[]>;
  /** Runs `git bundle create - base..ref` inside the sandbox and returns the bundle. */
  bundle(base: string, ref: string): Promise<Buffer>;
  /** Ends all processes in the sandbox. */
  close(): Promise<void>;
}

/** Opens sandbox sessions. */
export interface Sandbox {
  readonly kind: 'bubblewrap' | 'docker' | 'unsafe-host';
  /** Returns null if this kind of sandbox is available on the host, or what is missing and how to install it. */
  unavailableReason(): Promise<string | null>;
  open(options: {
    runId: string;
    workspace: string;
    limits: SandboxLimits;
    signal?: AbortSignal;
  }): Promise<SandboxSession>;
}

export const Sandbox = Symbol('Sandbox');
