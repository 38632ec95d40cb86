import { posix } from 'node:path';
import {
  UnavailableError,
  type ExecOptions,
  type ExecResult,
  type OutputOptions,
  type SandboxLimits,
  type SandboxSession,
} from '@teko/domain';
import { CommandRun, type CommandEnd } from './command-run';
import { SANDBOX_ENV } from './environment';
import { FileChannel } from './files/file-channel';
import type { Launcher } from './launcher';
import { LimitWatch } from './limit-watch';
import { OutputBuffer } from './output-buffer';

const MAX_READ_BYTES = 1024 * 1024;
/** Limits of the kernel for one argument, and for all arguments and the environment with the sandbox's own. */
const MAX_ARGUMENT_BYTES = 128 * 1024 - 1;
const MAX_ARGUMENTS_BYTES = 1_500_000;
const MAX_LISTED_ENTRIES = 100_000;
const MAX_ERROR_TEXT = 500;
const NAME = /^[\w][\w.-]*$/;

/** A session that measures on the host what its commands do. All drivers use it. */
export class HostSession implements SandboxSession {
  readonly cwd: string;
  private readonly watch: LimitWatch;
  private files: FileChannel | null = null;
  private closing: Promise<void> | null = null;
  private failure: string | null = null;

  constructor(
    private readonly launcher: Launcher,
    private readonly limits: SandboxLimits,
    /** Ends the session when it is aborted. */
    private readonly signal: AbortSignal | undefined,
    private readonly onClose: () => void = () => undefined,
  ) {
    this.cwd = launcher.cwd;
    this.watch = new LimitWatch(launcher.probes, (reason) => this.kill(reason));
    signal?.addEventListener('abort', this.abort, { once: true });
    if (signal?.aborted) this.abort();
  }

  async exec(argv: string[], options: ExecOptions = {}): Promise<ExecResult> {
    const output = new OutputBuffer(options.outputBytes ?? this.limits.outputBytes);
    const { notFound, ...end } = await this.run(argv, options, this.limits.outputKillBytes, (chunk) =>
      output.add(chunk),
    );
    return { ...end, ...(notFound === null ? output.text() : { head: '', tail: notFound, omittedBytes: 0 }) };
  }

  async output(argv: string[], options: OutputOptions): Promise<Buffer> {
    const chunks: Buffer[] = [];
    const errors = new OutputBuffer(MAX_ERROR_TEXT);
    const end = await this.run(argv, options, options.maxBytes, (chunk, stream) =>
      stream === 'stdout' ? void chunks.push(chunk) : errors.add(chunk),
    );
    if (end.code === 0) return Buffer.concat(chunks);
    const { head, tail } = errors.text();
    const reason =
      end.notFound ??
      (end.limit === 'output'
        ? `it printed more than ${options.maxBytes} bytes`
        : end.timedOut
          ? 'it took too long'
          : end.limit
            ? `its ${end.limit} limit was exceeded`
            : `exit code ${end.code ?? end.signal}: ${(head + tail).trim()}`);
    throw new UnavailableError('sandbox', `${argv[0]} failed in the sandbox: ${reason}`);
  }

  async readFile(path: string, options: { maxBytes?: number } = {}) {
    const maxBytes = options.maxBytes ?? MAX_READ_BYTES;
    return this.fileChannel().readFile(path, maxBytes);
  }

  async writeFile(path: string, content: Buffer | string, options: { mode?: number } = {}): Promise<void> {
    await this.fileChannel().writeFile(path, Buffer.from(content), options.mode ?? null);
  }

  async list(path: string, options: { depth?: number; limit?: number } = {}) {
    const limit = Math.min(options.limit ?? 1000, MAX_LISTED_ENTRIES);
    return this.fileChannel().list(path, options.depth ?? 1, limit);
  }

  close(): Promise<void> {
    this.closing ??= this.end('the sandbox is closed');
    return this.closing;
  }

  /** Kills everything at once. The session cannot be used afterwards, but must still be closed. */
  kill(reason: string): void {
    this.failure ??= reason;
    for (const run of this.watch.commands) run.kill();
    this.files?.end(reason);
  }

  private readonly abort = (): void => this.kill('the run was aborted');

  private async end(reason: string): Promise<void> {
    this.signal?.removeEventListener('abort', this.abort);
    this.kill(reason);
    await Promise.allSettled([...this.watch.commands].map(({ ended }) => ended));
    await this.files?.ended;
    await this.launcher.close();
    this.onClose();
  }

  private async run(
    argv: string[],
    options: Omit<ExecOptions, 'outputBytes'>,
    killBytes: number,
    onOutput: (chunk: Buffer, stream: 'stdout' | 'stderr') => void,
  ): Promise<CommandEnd> {
    options.signal?.throwIfAborted();
    this.requireOpen();
    const spec = {
      argv,
      cwd: relativeFolder(options.cwd ?? '.'),
      env: { ...SANDBOX_ENV, ...options.env },
      mounts: options.mounts ?? {},
    };
    const invalid = invalidArguments(spec);
    if (invalid) throw new Error(invalid);
    if (isTooLong(spec)) return TOO_LONG;
    const command = await this.launcher.start(spec);
    if (options.signal?.aborted || this.failure !== null) command.kill();
    const run = new CommandRun(command, {
      stdin: options.stdin ?? '',
      timeoutMs: options.timeoutMs ?? this.limits.commandTimeoutMs,
      killBytes,
      onOutput,
      lastCheck: () => this.watch.check(true),
    });
    const stop = () => run.kill();
    options.signal?.addEventListener('abort', stop, { once: true });
    this.watch.add(run);
    try {
      const end = await run.ended;
      options.signal?.throwIfAborted();
      this.requireOpen();
      return end;
    } finally {
      this.watch.remove(run);
      options.signal?.removeEventListener('abort', stop);
    }
  }

  private requireOpen(): void {
    if (this.failure !== null) throw new UnavailableError('sandbox', this.failure);
  }

  private fileChannel(): FileChannel {
    this.requireOpen();
    this.files ??= new FileChannel(this.launcher.startFileProgram(), (reason) => this.kill(reason));
    return this.files;
  }
}

function relativeFolder(cwd: string): string {
  const folder = posix.normalize(cwd);
  if (posix.isAbsolute(folder) || folder === '..' || folder.startsWith('../'))
    throw new Error(`${cwd} is outside the workspace`);
  return folder;
}

interface Arguments {
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  mounts: Record<string, string>;
}

function invalidArguments({ argv, cwd, env, mounts }: Arguments): string | null {
  if (argv.length === 0 || argv[0] === '') return 'a command is required';
  if ([...argv, cwd, ...Object.entries(env).flat()].some((text) => text.includes('\0')))
    return 'a command cannot contain a null byte';
  if (Object.keys(env).some((name) => name === '' || name.includes('='))) return 'a variable has an invalid name';
  const mount = Object.keys(mounts).find((name) => !NAME.test(name));
  return mount === undefined ? null : `${mount} is not a valid name of a mount`;
}

function isTooLong({ argv, env }: Arguments): boolean {
  const sizes = [...argv, ...Object.entries(env).map((entry) => entry.join('='))].map(
    (text) => Buffer.byteLength(text) + 1,
  );
  return sizes.some((size) => size > MAX_ARGUMENT_BYTES) || sizes.reduce((a, b) => a + b, 0) > MAX_ARGUMENTS_BYTES;
}

/** What a shell reports: the kernel cannot start a command with such arguments. */
const TOO_LONG: CommandEnd = {
  code: 126,
  signal: null,
  timedOut: false,
  limit: null,
  totalBytes: 0,
  durationMs: 0,
  notFound: 'the argument list is too long',
};
