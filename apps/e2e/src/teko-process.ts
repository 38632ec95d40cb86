import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';

const built = (app: string) => fileURLToPath(new URL(`../../${app}/dist/main.js`, import.meta.url));

/** What `npm start` runs. */
export const MAIN = built('standalone');
export const WORKER = built('worker');

interface Row {
  id: string;
  [key: string]: unknown;
}

/** A built Teko in a process of its own, signed in as its admin. */
export class TekoProcess {
  private cookie = '';
  private csrf = '';
  output = '';

  private constructor(
    readonly home: string,
    readonly child: ChildProcess,
  ) {
    child.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
  }

  static async start(
    env: Record<string, string> = {},
    home = mkdtempSync(join(tmpdir(), 'teko-e2e-')),
    app: 'standalone' | 'api' = 'standalone',
  ): Promise<TekoProcess> {
    const teko = new TekoProcess(home, spawnApp(app, env, home));
    await vi.waitFor(() => teko.signInUrl, { timeout: 60_000, interval: 50 });
    return teko;
  }

  /** A worker process of its own, once it waits for runs. */
  static async startWorker(env: Record<string, string>, home: string): Promise<TekoProcess> {
    const worker = new TekoProcess(home, spawnApp('worker', env, home));
    await vi.waitFor(
      () => {
        if (!worker.output.includes('waits for runs')) throw new Error(`the worker did not start: ${worker.output}`);
      },
      { timeout: 60_000, interval: 50 },
    );
    return worker;
  }

  get sessionCookie(): string {
    return this.cookie;
  }

  get signInUrl(): string {
    const link = /(http:\S+login\?token=\S+)/.exec(this.output)?.[1];
    if (!link) throw new Error(`Teko did not start: ${this.output}`);
    return link;
  }

  get url(): string {
    return new URL(this.signInUrl).origin;
  }

  /** Signs in with a one-time token; without one as the first admin. */
  async signIn(token = new URLSearchParams(this.signInUrl.split('?')[1]).get('token')): Promise<this> {
    const response = await fetch(`${this.url}/api/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    if (!response.ok) throw new Error(await response.text());
    return this.useSession(
      response.headers
        .getSetCookie()
        .map((cookie) => cookie.split(';')[0])
        .join('; '),
    );
  }

  /** Goes on with the session of a browser. */
  async useSession(cookie: string): Promise<this> {
    this.cookie = cookie;
    this.csrf = (await this.get<{ csrfToken: string }>('/me')).csrfToken;
    return this;
  }

  get<T = Row>(path: string): Promise<T> {
    return this.request<T>('GET', path);
  }

  post<T = Row>(path: string, body: unknown = {}): Promise<T> {
    return this.request<T>('POST', path, body);
  }

  patch<T = Row>(path: string, body: unknown): Promise<T> {
    return this.request<T>('PATCH', path, body);
  }

  async rows<T = Row>(path: string): Promise<T[]> {
    return (await this.get<{ data: T[] }>(path)).data;
  }

  private async request<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { cookie: this.cookie, 'x-csrf-token': this.csrf, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  /** Adds the repository at `path` and a task on it; answers the task. */
  async addTask(path: string, task: Record<string, unknown>): Promise<Row> {
    const repository = await this.post('/repositories', { name: 'story', url: path });
    return this.post('/tasks', { repositoryId: repository.id, kind: 'implement', description: '', ...task });
  }

  /** The task's newest run, once it is final. */
  async finishedRun(taskId: string, timeout = 120_000): Promise<Row> {
    return vi.waitFor(
      async () => {
        const task = await this.get(`/tasks/${taskId}`);
        const [run] = await this.rows(`/runs?taskId=${taskId}&sort=number&order=DESC`);
        if (!run || !['succeeded', 'failed', 'cancelled'].includes(run.status as string)) {
          throw new Error(
            `not finished: task ${String(task.status)} ${String(task.statusReason)}, run ${String(run?.status)} ${String(run?.phase)}\n${this.output.slice(-2000)}`,
          );
        }
        return run;
      },
      { timeout, interval: 200 },
    );
  }

  kill(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return Promise.resolve();
    const ended = new Promise<void>((resolve) => this.child.once('exit', () => resolve()));
    this.child.kill(signal);
    return ended;
  }

  async stop(): Promise<void> {
    await this.kill('SIGTERM');
    await rm(this.home, { recursive: true, force: true });
  }
}

function spawnApp(app: 'standalone' | 'api' | 'worker', env: Record<string, string>, home: string): ChildProcess {
  const prices = { TEKO_PRICES: 'openai:scripted=free,anthropic:scripted=free' };
  // Chroma is started by the story that is about it.
  const quick = { TEKO_DEMO: 'off', TEKO_EMBEDDINGS: 'off' };
  const defaults = { HOME: home, TEKO_HOME: home, PORT: '0', LOG_LEVEL: 'warn', ...quick, ...prices };
  return spawn(process.execPath, [built(app)], {
    env: { PATH: process.env.PATH, ...defaults, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
