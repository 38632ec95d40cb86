import type { ChildProcess } from 'node:child_process';
import { UnavailableError } from '@teko/domain';
import { z } from 'zod';

const REQUEST_TIMEOUT_MS = 60_000;
/** A name in a path has at most 255 bytes, which can need six characters each in JSON, and a path 4096 bytes. */
const MAX_PATH_CHARACTERS = 4096;
const MAX_ENTRY_BYTES = 6 * MAX_PATH_CHARACTERS + 100;
const MAX_LIST_BYTES = 64 * 1024 * 1024;
const ENVELOPE_BYTES = 16 * 1024;
const MAX_ERROR_CHARACTERS = 2000;
const MAX_STDERR = 2000;

const base64Length = (bytes: number) => Math.ceil(bytes / 3) * 4;

interface Request<T> {
  op: 'readFile' | 'writeFile' | 'list';
  args: Record<string, unknown>;
  /** Shape of the value in a correct answer. */
  value: z.ZodType<T>;
  /** Longest correct answer, in bytes. */
  maxBytes: number;
}

interface Pending {
  maxBytes: number;
  accept: (line: string) => void;
  reject: (error: Error) => void;
}

const WRITTEN = z.strictObject({});
const fileSchema = (maxBytes: number) =>
  z.strictObject({
    content: z
      .string()
      .max(base64Length(maxBytes))
      .transform((text, context) => {
        const content = Buffer.from(text, 'base64');
        if (content.length <= maxBytes && content.toString('base64') === text) return content;
        context.addIssue('not the expected base64');
        return z.NEVER;
      }),
    truncated: z.boolean(),
  });
const listSchema = (limit: number) =>
  z.strictObject({
    entries: z
      .array(
        z.strictObject({
          path: z.string().min(1).max(MAX_PATH_CHARACTERS),
          type: z.enum(['file', 'dir', 'link', 'other']),
          bytes: z.number().int().min(0),
        }),
      )
      .max(limit),
  });

/**
 * Talks to the file program, one request at a time. Every byte of it is hostile: a line that is not the expected answer, is too
 * long or comes unasked ends the session with UnavailableError.
 */
export class FileChannel {
  /** Resolves when the program has ended. */
  readonly ended: Promise<void>;
  private pending: Pending | null = null;
  private queue: Promise<unknown> = Promise.resolve();
  /** The beginning of a line: the first `receivedBytes` of the buffer. */
  private received = Buffer.alloc(0);
  private receivedBytes = 0;
  private nextId = 1;
  private endReason: string | null = null;
  private errors = '';

  constructor(
    private readonly program: { child: ChildProcess; kill(): void },
    private readonly onViolation: (reason: string) => void,
  ) {
    const { child } = program;
    child.stdout!.on('data', (chunk: Buffer) => this.receive(chunk));
    child.stderr!.on('data', (chunk: Buffer) => (this.errors = (this.errors + chunk.toString()).slice(-MAX_STDERR)));
    for (const stream of [child.stdin!, child.stdout!, child.stderr!]) stream.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => {
        this.fail(`its file program cannot be started: ${error.message}`);
        resolve();
      });
      child.once('close', () => {
        this.fail(`its file program has ended: ${this.errors.trim()}`);
        resolve();
      });
    });
  }

  async readFile(path: string, maxBytes: number): Promise<{ content: Buffer; truncated: boolean }> {
    return this.request({
      op: 'readFile',
      args: { path, maxBytes },
      value: fileSchema(maxBytes),
      maxBytes: base64Length(maxBytes) + ENVELOPE_BYTES,
    });
  }

  async writeFile(path: string, content: Buffer, mode: number | null): Promise<void> {
    const args = { path, content: content.toString('base64'), mode };
    await this.request({ op: 'writeFile', args, value: WRITTEN, maxBytes: ENVELOPE_BYTES });
  }

  async list(path: string, depth: number, limit: number) {
    const maxBytes = Math.min(limit * MAX_ENTRY_BYTES, MAX_LIST_BYTES) + ENVELOPE_BYTES;
    const { entries } = await this.request({
      op: 'list',
      args: { path, depth, limit },
      value: listSchema(limit),
      maxBytes,
    });
    return entries;
  }

  /** Kills the program; the pending and all later requests fail. */
  end(reason: string): void {
    if (this.endReason !== null) return;
    this.endReason = reason;
    this.received = Buffer.alloc(0);
    this.pending?.reject(new UnavailableError('sandbox', reason));
    this.pending = null;
    this.program.kill();
  }

  private request<T>(request: Request<T>): Promise<T> {
    const answer = this.queue.then(() => this.send(request));
    this.queue = answer.catch(() => undefined);
    return answer;
  }

  private send<T>({ op, args, value, maxBytes }: Request<T>): Promise<T> {
    if (this.endReason !== null) return Promise.reject(new UnavailableError('sandbox', this.endReason));
    const id = this.nextId++;
    const schema = z.union([
      z.strictObject({ id: z.literal(id), value }),
      z.strictObject({ id: z.literal(id), error: z.string().max(MAX_ERROR_CHARACTERS) }),
    ]);
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => this.fail('its file program does not respond'), REQUEST_TIMEOUT_MS);
      const settle = <A>(use: (argument: A) => void) => {
        return (argument: A) => {
          clearTimeout(timer);
          use(argument);
        };
      };
      this.pending = {
        maxBytes,
        reject: settle(reject),
        accept: settle((line: string) => {
          const parsed = schema.safeParse(parseJson(line));
          if (!parsed.success) {
            this.fail('its file program sent an invalid answer');
            reject(new UnavailableError('sandbox', this.endReason!));
          } else if ('error' in parsed.data) reject(new Error(parsed.data.error));
          else resolve(parsed.data.value as T);
        }),
      };
      this.program.child.stdin!.write(`${JSON.stringify({ id, op, ...args })}\n`);
    });
  }

  private receive(chunk: Buffer): void {
    if (this.endReason !== null) return;
    if (!this.pending) return this.fail('its file program sent an answer without a request');
    const end = chunk.indexOf(10);
    const part = end === -1 ? chunk : chunk.subarray(0, end);
    if (this.receivedBytes + part.length > this.pending.maxBytes)
      return this.fail('its file program sent too long an answer');
    this.keep(part);
    if (end === -1) return;
    if (end + 1 < chunk.length) return this.fail('its file program sent more than one answer');
    const line = this.received.toString('utf8', 0, this.receivedBytes);
    const { accept } = this.pending;
    this.received = Buffer.alloc(0);
    this.receivedBytes = 0;
    this.pending = null;
    accept(line);
  }

  /** Copies into a buffer that doubles, because many tiny chunks would cost more than their bytes. */
  private keep(part: Buffer): void {
    const needed = this.receivedBytes + part.length;
    if (needed > this.received.length) {
      const larger = Buffer.alloc(Math.max(needed, 2 * this.received.length));
      this.received.copy(larger, 0, 0, this.receivedBytes);
      this.received = larger;
    }
    part.copy(this.received, this.receivedBytes);
    this.receivedBytes = needed;
  }

  private fail(detail: string): void {
    if (this.endReason !== null) return;
    const reason = `the sandbox ended because ${detail}`;
    this.end(reason);
    this.onViolation(reason);
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
