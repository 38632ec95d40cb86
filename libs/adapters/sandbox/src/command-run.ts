import { once } from 'node:events';
import { constants } from 'node:os';
import { UnavailableError, type ExceededLimit, type ExecResult } from '@teko/domain';
import type { RunningCommand } from './launcher';

/** How long output may still arrive after a command's processes have ended. */
const DRAIN_TIMEOUT_MS = 2_000;
const MAX_STARTUP_ERROR = 2_000;

export interface RunOptions {
  stdin: string | Buffer;
  timeoutMs: number;
  /** The command is killed when it prints more bytes than this. */
  killBytes: number;
  onOutput: (chunk: Buffer, stream: 'stdout' | 'stderr') => void;
  /** Called when the command has ended: returns the limit for which the kernel killed one of its processes, or null. */
  lastCheck: () => Promise<ExceededLimit | null>;
}

export type CommandEnd = Omit<ExecResult, 'head' | 'tail' | 'omittedBytes'> & {
  /** Why the command does not exist, or null. */
  notFound: string | null;
};

/** One running command, seen from the host: counts its output and its time, and reads its exit code from the kernel. */
export class CommandRun {
  readonly ended: Promise<CommandEnd>;
  private readonly startedAt = performance.now();
  private limit: ExceededLimit | null = null;
  private timedOut = false;
  private closed = false;
  private totalBytes = 0;
  private startupError = '';

  constructor(
    readonly command: RunningCommand,
    private readonly options: RunOptions,
  ) {
    this.ended = this.follow();
    // Whoever awaits it sees the error; it must not count as unhandled until then.
    this.ended.catch(() => undefined);
  }

  /** Kills the command because it exceeded a limit. The first limit is reported. */
  exceed(limit: ExceededLimit): void {
    if (this.closed) return;
    this.limit ??= limit;
    this.command.kill();
  }

  kill(): void {
    if (!this.closed) this.command.kill();
  }

  private async follow(): Promise<CommandEnd> {
    const { child } = this.command;
    const timer = setTimeout(() => {
      this.timedOut = true;
      this.kill();
    }, this.options.timeoutMs);
    child.stdout!.on('data', (chunk: Buffer) => this.receive(chunk, 'stdout'));
    child.stderr!.on('data', (chunk: Buffer) => this.receive(chunk, 'stderr'));
    for (const stream of [child.stdin!, child.stdout!, child.stderr!]) stream.on('error', () => undefined);
    child.stdin!.end(this.options.stdin);
    const [code, signal] = await this.exit(timer);
    this.closed = true;
    const lastLimit = await this.options.lastCheck();
    this.limit ??= lastLimit;
    const failure = this.command.failure(this.startupError);
    const stopped = this.limit !== null || this.timedOut;
    if (failure?.reason === 'sandbox' && !stopped && signal === null)
      throw new UnavailableError('sandbox', `a command could not be started: ${failure.message}`);
    const notFound = !stopped && failure?.reason === 'not_found' ? failure.message : null;
    return {
      code: notFound !== null ? 127 : stopped ? null : (code ?? codeOf(signal)),
      signal: stopped ? 'SIGKILL' : signal,
      timedOut: this.timedOut,
      limit: this.limit,
      totalBytes: this.totalBytes,
      durationMs: Math.round(performance.now() - this.startedAt),
      notFound,
    };
  }

  /** Waits until the command and all of its processes have ended, and its output has arrived. */
  private async exit(timer: NodeJS.Timeout): Promise<[number | null, NodeJS.Signals | null]> {
    const { child } = this.command;
    const closed = once(child, 'close');
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    clearTimeout(timer);
    await this.command.clean();
    const drain = setTimeout(() => {
      child.stdout!.destroy();
      child.stderr!.destroy();
    }, DRAIN_TIMEOUT_MS);
    await closed;
    clearTimeout(drain);
    return [code, signal];
  }

  private receive(chunk: Buffer, stream: 'stdout' | 'stderr'): void {
    if (this.limit === 'output') return;
    this.totalBytes += chunk.length;
    if (stream === 'stderr' && this.startupError.length < MAX_STARTUP_ERROR) this.startupError += chunk.toString();
    if (this.totalBytes > this.options.killBytes) this.exceed('output');
    this.options.onOutput(chunk, stream);
  }
}

/** The exit code that a shell reports for a signal. */
const codeOf = (signal: NodeJS.Signals | null) => (signal === null ? null : 128 + constants.signals[signal]);
