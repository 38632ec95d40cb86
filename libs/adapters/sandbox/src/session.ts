import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { UnavailableError, type ExecResult, type SandboxLimits, type SandboxSession } from '@teko/domain';

const MAX_READ_BYTES = 1024 * 1024;
const MAX_BUNDLE_BYTES = 200 * 1024 * 1024;
const CLOSE_TIMEOUT_MS = 2_000;

interface Answer {
  id?: number;
  ready?: boolean;
  warning?: string;
  error?: string;
  value?: unknown;
  result?: ExecResult;
  bytes?: string;
}

interface Pending {
  resolve: (answer: Answer) => void;
  reject: (error: Error) => void;
}

type ExecOptions = NonNullable<Parameters<SandboxSession['exec']>[1]>;

/** Speaks JSON lines with the program inside; the same for every driver. */
export class JsonLineSession implements SandboxSession {
  private readonly pending = new Map<number, Pending>();
  private readonly ended: Promise<void>;
  private next = 0;
  private over: string | null = null;
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

  /** Resolves when the inside answers for the first time. */
  async ready(): Promise<this> {
    await new Promise<Answer>((resolve, reject) => {
      if (this.over) reject(new UnavailableError('sandbox', this.over));
      this.pending.set(0, { resolve, reject });
    });
    return this;
  }

  async exec(argv: string[], options: ExecOptions = {}): Promise<ExecResult> {
    const { result } = await this.run(argv, options, false);
    return result!;
  }

  async readFile(path: string, options: { maxBytes?: number } = {}): Promise<Buffer> {
    const { value } = await this.ask('readFile', { name: path, maxBytes: options.maxBytes ?? MAX_READ_BYTES });
    return Buffer.from(value as string, 'base64');
  }

  async writeFile(path: string, content: Buffer | string): Promise<void> {
    await this.ask('writeFile', { name: path, content: Buffer.from(content).toString('base64') });
  }

  async list(path: string, options: { depth?: number; limit?: number } = {}) {
    const { value } = await this.ask('list', { name: path, depth: options.depth ?? 1, limit: options.limit ?? 1000 });
    return value as Awaited<ReturnType<SandboxSession['list']>>;
  }

  async bundle(base: string, ref: string): Promise<Buffer> {
    const { result, bytes } = await this.run(['git', 'bundle', 'create', '-', `${base}..${ref}`], {}, true);
    if (result!.truncatedByKill) throw new UnavailableError('sandbox', 'the change is too large to be taken out');
    if (result!.code !== 0)
      throw new UnavailableError('sandbox', `the change cannot be bundled (exit code ${result!.code})`);
    return Buffer.from(bytes ?? '', 'base64');
  }

  async close(): Promise<void> {
    this.child.stdin?.end();
    const timer = setTimeout(() => this.kill(), CLOSE_TIMEOUT_MS);
    this.kill();
    await this.ended;
    clearTimeout(timer);
  }

  /** Ends the whole tree: everything inside dies with the first process of its pid namespace. */
  kill(): void {
    const { pid } = this.child;
    if (!pid || this.over) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      this.child.kill('SIGKILL');
    }
  }

  private async run(argv: string[], options: ExecOptions, binary: boolean): Promise<Answer> {
    options.signal?.throwIfAborted();
    const id = this.next + 1;
    const stop = () => this.send({ id: ++this.next, op: 'kill', target: id });
    options.signal?.addEventListener('abort', stop, { once: true });
    try {
      const answer = await this.ask('exec', {
        argv,
        cwd: options.cwd,
        env: options.env,
        stdin: options.stdin,
        timeoutMs: options.timeoutMs ?? this.limits.commandTimeoutMs,
        outputBytes: options.outputBytes ?? this.limits.outputBytes,
        killBytes: binary ? MAX_BUNDLE_BYTES : this.limits.outputKillBytes,
        binary,
      });
      options.signal?.throwIfAborted();
      return answer;
    } finally {
      options.signal?.removeEventListener('abort', stop);
    }
  }

  private async ask(op: string, args: Record<string, unknown>): Promise<Answer> {
    if (this.over) throw new UnavailableError('sandbox', this.over);
    const id = ++this.next;
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.send({ id, op, ...args });
    });
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }

  private send(message: Record<string, unknown>): void {
    if (!this.over) this.child.stdin!.write(`${JSON.stringify(message)}\n`);
  }

  private receive(line: string): void {
    const answer = JSON.parse(line) as Answer;
    const id = answer.ready ? 0 : answer.id;
    if (id === undefined) return;
    this.pending.get(id)?.resolve(answer);
    this.pending.delete(id);
  }

  private end(why: string): void {
    if (this.over) return;
    this.over = why;
    for (const { reject } of this.pending.values()) reject(new UnavailableError('sandbox', why));
    this.pending.clear();
    this.onClose();
  }
}
