/** Limits of a sandbox session. Bytes and milliseconds. */
export interface SandboxLimits {
  memoryBytes: number;
  diskBytes: number;
  processes: number;
  commandTimeoutMs: number;
  /** Output kept of one command: head and tail together. */
  outputBytes: number;
  /** A command that writes more than this is killed. */
  outputKillBytes: number;
}

export interface ExecResult {
  code: number | null;
  signal: string | null;
  timedOut: boolean;
  /** Killed for passing the output bound. */
  truncatedByKill: boolean;
  head: string;
  tail: string;
  totalBytes: number;
  durationMs: number;
}

/** One confined place to run commands in; `workspace` is the only thing that can be written. */
export interface SandboxSession {
  /** The workspace's path as the inside sees it. */
  readonly cwd: string;
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
  /** File tools run inside, so a link cannot lead outside. Paths are relative to the workspace. */
  readFile(path: string, options?: { maxBytes?: number }): Promise<Buffer>;
  writeFile(path: string, content: Buffer | string): Promise<void>;
  list(
    path: string,
    options?: { depth?: number; limit?: number },
  ): Promise<{ path: string; type: 'file' | 'dir' | 'link' | 'other'; bytes: number }[]>;
  /** `git bundle create - base..ref` made inside; the bytes of the bundle. */
  bundle(base: string, ref: string): Promise<Buffer>;
  /** Ends every process inside. */
  close(): Promise<void>;
}

/** Opens sandboxes. */
export interface Sandbox {
  readonly kind: 'bubblewrap' | 'docker' | 'unsafe-host';
  /** Null when it can be used here; else what is missing and how to install it. */
  unavailableReason(): Promise<string | null>;
  open(options: {
    runId: string;
    workspace: string;
    limits: SandboxLimits;
    signal?: AbortSignal;
  }): Promise<SandboxSession>;
}

export const Sandbox = Symbol('Sandbox');
