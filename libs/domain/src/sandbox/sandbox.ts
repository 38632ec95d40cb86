/** Limits of a sandbox session, in bytes and milliseconds. */
export interface SandboxLimits {
  memoryBytes: number;
  /** Bytes that commands can add to the workspace and the temporary folder. */
  diskBytes: number;
  /** Files, folders and links that commands can add to the workspace and the temporary folder. */
  files: number;
  processes: number;
  commandTimeoutMs: number;
  /** Stored output per command: head and tail together. */
  outputBytes: number;
  /** A command with more output than this is killed. */
  outputKillBytes: number;
}

/** The limit that a command exceeded. */
export type ExceededLimit = 'memory' | 'processes' | 'disk' | 'files' | 'output';

export interface ExecResult {
  /** The exit code that the kernel reported, or null if the command was killed by a signal or by the sandbox. */
  code: number | null;
  signal: string | null;
  timedOut: boolean;
  /** The limit for which the command was killed, or null. */
  limit: ExceededLimit | null;
  /** The beginning and the end of the output; all of it if `omittedBytes` is 0. */
  head: string;
  tail: string;
  omittedBytes: number;
  totalBytes: number;
  durationMs: number;
}

export interface ExecOptions {
  /** Relative to the workspace. */
  cwd?: string;
  env?: Record<string, string>;
  stdin?: string | Buffer;
  /** Host folders that only this command sees, read-only, as `/teko/<name>`. */
  mounts?: Record<string, string>;
  timeoutMs?: number;
  outputBytes?: number;
  signal?: AbortSignal;
}

export type OutputOptions = Omit<ExecOptions, 'outputBytes'> & { maxBytes: number };

/** What the sandbox can enforce on this host. */
export interface SandboxCheck {
  name: string;
  /** `watch`: measured several times a second and then killed, so a fast command can exceed the limit briefly. */
  enforcement: 'kernel' | 'watch' | 'none';
  detail: string;
  /** How to improve the enforcement, or null. */
  remedy: string | null;
}

/**
 * An isolated environment for commands. Only the workspace and temporary folders are writable. Each command has its own
 * processes, which all end with it; files stay until the session is closed. Its exit code, output, time and resources are measured
 * outside the sandbox.
 */
export interface SandboxSession {
  /** Path of the workspace inside the sandbox. */
  readonly cwd: string;
  /** Runs a command and returns its exit code and output (standard output and error together). Does not throw if the command fails. */
  exec(argv: string[], options?: ExecOptions): Promise<ExecResult>;
  /** Runs a command and returns its complete standard output. Throws UnavailableError if it fails, is killed, or prints more than `maxBytes`. */
  output(argv: string[], options: OutputOptions): Promise<Buffer>;
  /**
   * Files are read and written inside the sandbox, so a symbolic link cannot escape it. Paths are relative to the workspace.
   * `truncated` says whether the file is larger than `maxBytes`.
   */
  readFile(path: string, options?: { maxBytes?: number }): Promise<{ content: Buffer; truncated: boolean }>;
  /** Creates or replaces a file. An existing file keeps its mode unless `mode` is set. */
  writeFile(path: string, content: Buffer | string, options?: { mode?: number }): Promise<void>;
  list(
    path: string,
    options?: { depth?: number; limit?: number },
  ): Promise<{ path: string; type: 'file' | 'dir' | 'link' | 'other'; bytes: number }[]>;
  /** Ends all processes in the sandbox and deletes its temporary folder. */
  close(): Promise<void>;
}

/** Opens sandbox sessions. */
export interface Sandbox {
  readonly kind: 'bubblewrap' | 'docker' | 'unsafe-host';
  /** Returns null if this kind of sandbox is available on the host, or what is missing and how to install it. */
  unavailableReason(): Promise<string | null>;
  /** Returns how each limit is enforced on this host. */
  checks(): Promise<SandboxCheck[]>;
  open(options: {
    runId: string;
    workspace: string;
    limits: SandboxLimits;
    signal?: AbortSignal;
  }): Promise<SandboxSession>;
  /** Deletes a folder in which commands have worked, whatever they left there. Does nothing if there is none. */
  removeFolder(folder: string): Promise<void>;
}

export const Sandbox = Symbol('Sandbox');
