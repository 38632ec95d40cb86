import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import {
  UnavailableError,
  type ExecOptions,
  type ExecResult,
  type OutputOptions,
  type SandboxLimits,
  type SandboxSession,
} from '@teko/domain';

const MAX_READ_BYTES = 1024 * 1024;
const MAX_BUNDLE_BYTES = 200 * 1024 * 1024;
const CLOSE_TIMEOUT_MS = 2_000;

interface ProgramResponse {
  id?: number;
  ready?: boolean;
  warning?: string;
  error?: string;
  value?: unknown;
  result?: ExecResult;
  bytes?: string;
}

interface Pending {
  resolve: (response: ProgramResponse) => void;
  reject: (error: Error) => void;
}

/** Communicates with the program in the sandbox by JSON lines. All sandboxes use it. */
export class JsonLineSession implements SandboxSession {
  private readonly pending = new Map<number, Pending>();
  private readonly ended: Promise<void>;
  private next = 0;
  private endReason: string | null = null;
  private errors = '';

  constructor(
    private readonly child: ChildProcess,
    readonly cwd: string,
    private readonly limits: SandboxLimits,
    private readonly onClose: () => void,
  ) {
    createInterface({ input: child.stdout! }).on('line', (line) => this.receive(line));
    child.stderr!.on('data', (chunk: Buffer) => (this.errors = (this.errors + chunk.toString()).slice(-2000)));
    child.stdin!.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(this.end(error.message)));
      child.once('close', () => resolve(this.end(this.errors.trim() || 'the sandbox has ended')));
    });
  }

  /** Resolves when the program in the sandbox has started. */
  async ready(): Promise<this> {
    await new Promise<ProgramResponse>((resolve, reject) => {
      if (this.endReason) reject(new UnavailableError('sandbox', this.endReason));
      this.pending.set(0, { resolve, reject });
    });
    return this;
  }

  async exec(argv: string[], options: ExecOptions = {}): Promise<ExecResult> {
    const { result } = await this.run(argv, options, null);
    return result!;
  }

  async output(argv: string[], options: OutputOptions): Promise<Buffer> {
    const { result, bytes } = await this.run(argv, options, options.maxBytes);
    if (result!.code !== 0)
      throw new UnavailableError('sandbox', `${argv[0]} failed (${result!.limit ?? result!.code ?? result!.signal})`);
    return Buffer.from(bytes ?? '', 'base64');
  }

  async readFile(path: string, options: { maxBytes?: number } = {}) {
    const { value } = await this.request('readFile', { name: path, maxBytes: options.maxBytes ?? MAX_READ_BYTES });
    const { content, truncated } = value as { content: string; truncated: boolean };
    return { content: Buffer.from(content, 'base64'), truncated };
  }

  async writeFile(path: string, content: Buffer | string, options: { mode?: number } = {}): Promise<void> {
    await this.request('writeFile', { name: path, content: Buffer.from(content).toString('base64'), ...options });
  }

  async list(path: string, options: { depth?: number; limit?: number } = {}) {
    const { value } = await this.request('list', {
      name: path,
      depth: options.depth ?? 1,
      limit: options.limit ?? 1000,
    });
    return value as Awaited<ReturnType<SandboxSession['list']>>;
  }

  async bundle(base: string, ref: string): Promise<Buffer> {
    const { result, bytes } = await this.run(['git', 'bundle', 'create', '-', `${base}..${ref}`], {}, MAX_BUNDLE_BYTES);
    if (result!.limit) throw new UnavailableError('sandbox', 'the change is too large to bundle');
    if (result!.code !== 0)
      throw new UnavailableError('sandbox', `git cannot bundle the change (exit code ${result!.code})`);
    return Buffer.from(bytes ?? '', 'base64');
  }

  async close(): Promise<void> {
    this.child.stdin?.end();
    const timer = setTimeout(() => this.kill(), CLOSE_TIMEOUT_MS);
    this.kill();
    await this.ended;
    clearTimeout(timer);
  }

  /** Kills all processes in the sandbox, which end with the first process of their PID namespace. */
  kill(): void {
    const { pid } = this.child;
    if (!pid || this.endReason) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      this.child.kill('SIGKILL');
    }
  }

  private async run(argv: string[], options: ExecOptions, maxBytes: number | null): Promise<ProgramResponse> {
    options.signal?.throwIfAborted();
    const id = this.next + 1;
    const stop = () => this.send({ id: ++this.next, op: 'kill', target: id });
    options.signal?.addEventListener('abort', stop, { once: true });
    try {
      const response = await this.request('exec', {
        argv,
        cwd: options.cwd,
        env: options.env,
        stdin: options.stdin?.toString(),
        timeoutMs: options.timeoutMs ?? this.limits.commandTimeoutMs,
        outputBytes: options.outputBytes ?? this.limits.outputBytes,
        killBytes: maxBytes ?? this.limits.outputKillBytes,
        binary: maxBytes !== null,
      });
      options.signal?.throwIfAborted();
      return response;
    } finally {
      options.signal?.removeEventListener('abort', stop);
    }
  }

  private async request(op: string, args: Record<string, unknown>): Promise<ProgramResponse> {
    if (this.endReason) throw new UnavailableError('sandbox', this.endReason);
    const id = ++this.next;
    const response = await new Promise<ProgramResponse>((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.send({ id, op, ...args });
    });
    if (response.error !== undefined) throw new Error(response.error);
    return response;
  }

  private send(message: Record<string, unknown>): void {
    if (!this.endReason) this.child.stdin!.write(`${JSON.stringify(message)}\n`);
  }

  private receive(line: string): void {
    const response = JSON.parse(line) as ProgramResponse;
    const id = response.ready ? 0 : response.id;
    if (id === undefined) return;
    this.pending.get(id)?.resolve(response);
    this.pending.delete(id);
  }

  private end(reason: string): void {
    if (this.endReason) return;
    this.endReason = reason;
    for (const { reject } of this.pending.values()) reject(new UnavailableError('sandbox', reason));
    this.pending.clear();
    this.onClose();
  }
}
