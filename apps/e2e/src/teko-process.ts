import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { eventually, PermanentError } from './eventually';
import { onEnd, temporaryFolder } from './resources';

const built = (app: string) => fileURLToPath(new URL(`../../${app}/dist/main.js`, import.meta.url));

/** What `npm start` runs. */
export const MAIN = built('standalone');
export const WORKER = built('worker');

/* Far more than a loaded machine needs: they end what hangs. */
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 60_000;
const REQUEST_TIMEOUT_MS = 60_000;
const TAIL = 3000;

type App = 'standalone' | 'api' | 'worker';

interface Row {
  id: string;
  [key: string]: unknown;
}

/** A built Teko in a process of its own, signed in as its admin. It is stopped when the test or file that started it ends. */
export class TekoProcess {
  private cookie = '';
  private csrf = '';
  private isStopping = false;
  private spawnError: Error | undefined;
  private readonly exited: Promise<unknown>;
  output = '';

  private constructor(
    readonly home: string,
    readonly child: ChildProcess,
    private readonly app: App,
  ) {
    // Before all else: whatever fails from here on, the process is stopped.
    onEnd(() => this.stop());
    child.on('error', (error) => (this.spawnError = error));
    this.exited = once(child, 'exit').catch(() => undefined);
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
  }

  /** Starts one and waits for its address. The folder is removed with the test or file unless it was given. */
  static start(
    env: Record<string, string> = {},
    home = temporaryFolder('e2e'),
    app: 'standalone' | 'api' = 'standalone',
  ): Promise<TekoProcess> {
    return TekoProcess.startApp(app, env, home, (output) => linkIn(output) !== undefined);
  }

  /** A worker process of its own, once it waits for runs. */
  static startWorker(env: Record<string, string>, home: string): Promise<TekoProcess> {
    return TekoProcess.startApp('worker', env, home, (output) => output.includes('waits for runs'));
  }

  private static async startApp(
    app: App,
    env: Record<string, string>,
    home: string,
    isReady: (output: string) => boolean,
  ): Promise<TekoProcess> {
    const teko = new TekoProcess(home, spawnApp(app, env, home), app);
    const end = Date.now() + START_TIMEOUT_MS;
    while (!isReady(teko.output)) {
      if (teko.hasEnded || Date.now() > end) throw await teko.failedStart();
      await delay(20);
    }
    return teko;
  }

  get isRunning(): boolean {
    return !this.hasEnded;
  }

  get sessionCookie(): string {
    return this.cookie;
  }

  get signInUrl(): string {
    const link = linkIn(this.output);
    if (!link) throw new Error(`the ${this.app} says no link to sign in:${this.tail}`);
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
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
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
    if (this.hasEnded && !this.isStopping) throw this.unexpectedEnd();
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { cookie: this.cookie, 'x-csrf-token': this.csrf, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
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
  async finishedRun(taskId: string, timeout?: number): Promise<Row> {
    const check = async () => {
      const [run] = await this.rows(`/runs?taskId=${taskId}&sort=number&order=DESC`);
      if (run && ['succeeded', 'failed', 'cancelled'].includes(run.status as string)) return run;
      const task = await this.get(`/tasks/${taskId}`);
      throw new Error(
        `not finished: task ${String(task.status)} ${String(task.statusReason)}, run ${String(run?.status)} ${String(run?.phase)}${this.tail}`,
      );
    };
    return eventually(check, { timeout, interval: 200 });
  }

  /** Sends a signal that ends the process, and waits for its end. Throws where it had ended by itself or does not end. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const wasStopping = this.isStopping;
    this.isStopping = true;
    if (this.hasEnded) {
      if (!wasStopping) throw this.unexpectedEnd();
      return;
    }
    this.child.kill(signal);
    if (await this.endsWithin(STOP_TIMEOUT_MS)) return;
    this.child.kill('SIGKILL');
    await this.exited;
    throw new Error(`the ${this.app} did not stop within ${STOP_TIMEOUT_MS / 1000} s of ${signal}:${this.tail}`);
  }

  stop(): Promise<void> {
    return this.kill('SIGTERM');
  }

  private get hasEnded(): boolean {
    return this.spawnError !== undefined || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private get tail(): string {
    return `\n${this.output.slice(-TAIL)}`;
  }

  private async endsWithin(ms: number): Promise<boolean> {
    const stop = new AbortController();
    const timeout = delay(ms, undefined, { signal: stop.signal }).catch(() => undefined);
    await Promise.race([this.exited, timeout]);
    stop.abort();
    return this.hasEnded;
  }

  private unexpectedEnd(): Error {
    const { exitCode, signalCode } = this.child;
    const how = this.spawnError?.message ?? (signalCode ? `of ${signalCode}` : `with exit code ${exitCode}`);
    return new PermanentError(`the ${this.app} has ended by itself, ${how}:${this.tail}`);
  }

  private async failedStart(): Promise<Error> {
    const hung = !this.hasEnded;
    if (hung) await this.kill('SIGKILL');
    // What it said last may not have been read yet.
    else await delay(200);
    this.isStopping = true;
    return hung
      ? new Error(`the ${this.app} did not start within ${START_TIMEOUT_MS / 1000} s:${this.tail}`)
      : this.unexpectedEnd();
  }
}

function linkIn(output: string): string | undefined {
  return /(http:\S+login\?token=\S+)/.exec(output)?.[1];
}

function spawnApp(app: App, env: Record<string, string>, home: string): ChildProcess {
  const prices = { TEKO_PRICES: 'openai:scripted=free,anthropic:scripted=free' };
  // Chroma is started by the tests that are about it.
  const quick = { TEKO_DEMO: 'off', TEKO_EMBEDDINGS: 'off', TEKO_POLL_SECONDS: '1' };
  const folders = { HOME: home, TEKO_HOME: home, TMPDIR: tmpdir() };
  return spawn(process.execPath, [built(app)], {
    env: { PATH: process.env.PATH, ...folders, PORT: '0', LOG_LEVEL: 'warn', ...quick, ...prices, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
