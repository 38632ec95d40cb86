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

/* Far more than a loaded machine needs: these only stop what hangs. */
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 60_000;
const REQUEST_TIMEOUT_MS = 60_000;
const MAX_TAIL_LENGTH = 3000;

type App = 'standalone' | 'api' | 'worker';

interface Row {
  id: string;
  [key: string]: unknown;
}

/** A built Teko in its own process, with a client of its API. It is stopped at the end of the test or file that started it. */
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
    // First, so that the process is stopped whatever fails afterwards.
    onEnd(() => this.stop());
    child.on('error', (error) => (this.spawnError = error));
    this.exited = once(child, 'exit').catch(() => undefined);
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
  }

  /** Starts Teko and waits until it listens. Its data folder is removed at the end of the test or file unless `home` is given. */
  static start(
    env: Record<string, string> = {},
    home = temporaryFolder('e2e'),
    app: 'standalone' | 'api' = 'standalone',
  ): Promise<TekoProcess> {
    return TekoProcess.startApp(app, env, home, (output) => signInLink(output) !== undefined);
  }

  /** Starts a worker process and waits until it is ready for runs. */
  static startWorker(env: Record<string, string>, home: string): Promise<TekoProcess> {
    return TekoProcess.startApp('worker', env, home, (output) => output.includes('is waiting for runs'));
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
      if (teko.hasExited || Date.now() > end) throw await teko.failedStart();
      await delay(20);
    }
    return teko;
  }

  get isRunning(): boolean {
    return !this.hasExited;
  }

  get sessionCookie(): string {
    return this.cookie;
  }

  get signInUrl(): string {
    const link = signInLink(this.output);
    if (!link) throw new Error(`the ${this.app} printed no sign-in link:${this.tail}`);
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

  /** Uses an existing session. */
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
    if (this.hasExited && !this.isStopping) throw this.unexpectedExit();
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

  /** Creates a repository from `path` and a task for it; returns the task. */
  async addTask(path: string, task: Record<string, unknown>): Promise<Row> {
    const repository = await this.post('/repositories', { name: 'scenario', url: path });
    return this.post('/tasks', { repositoryId: repository.id, kind: 'implement', description: '', ...task });
  }

  /** Waits until the newest run of a task is finished and returns it. */
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

  /** Sends a signal and waits for the exit. Throws if the process exited unexpectedly before, or does not exit in time. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const wasStopping = this.isStopping;
    this.isStopping = true;
    if (this.hasExited) {
      if (!wasStopping) throw this.unexpectedExit();
      return;
    }
    this.child.kill(signal);
    if (await this.exitsWithin(STOP_TIMEOUT_MS)) return;
    this.child.kill('SIGKILL');
    await this.exited;
    throw new Error(`the ${this.app} did not stop within ${STOP_TIMEOUT_MS / 1000} s of ${signal}:${this.tail}`);
  }

  stop(): Promise<void> {
    return this.kill('SIGTERM');
  }

  private get hasExited(): boolean {
    return this.spawnError !== undefined || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private get tail(): string {
    return `\n${this.output.slice(-MAX_TAIL_LENGTH)}`;
  }

  private async exitsWithin(ms: number): Promise<boolean> {
    const stop = new AbortController();
    const timeout = delay(ms, undefined, { signal: stop.signal }).catch(() => undefined);
    await Promise.race([this.exited, timeout]);
    stop.abort();
    return this.hasExited;
  }

  private unexpectedExit(): Error {
    const { exitCode, signalCode } = this.child;
    const how = this.spawnError?.message ?? (signalCode ? `after ${signalCode}` : `with exit code ${exitCode}`);
    return new PermanentError(`the ${this.app} exited unexpectedly ${how}:${this.tail}`);
  }

  private async failedStart(): Promise<Error> {
    const hung = !this.hasExited;
    if (hung) await this.kill('SIGKILL');
    // Its last output may not have been read yet.
    else await delay(200);
    this.isStopping = true;
    return hung
      ? new Error(`the ${this.app} did not start within ${START_TIMEOUT_MS / 1000} s:${this.tail}`)
      : this.unexpectedExit();
  }
}

function signInLink(output: string): string | undefined {
  return /(http:\S+login\?token=\S+)/.exec(output)?.[1];
}

function spawnApp(app: App, env: Record<string, string>, home: string): ChildProcess {
  const prices = { TEKO_PRICES: 'openai:scripted=free,anthropic:scripted=free' };
  // Chroma is started only by the tests of it.
  const defaults = { TEKO_DEMO: 'off', TEKO_EMBEDDINGS: 'off', TEKO_POLL_SECONDS: '1' };
  const folders = { HOME: home, TEKO_HOME: home, TMPDIR: tmpdir() };
  return spawn(process.execPath, [built(app)], {
    env: { PATH: process.env.PATH, ...folders, PORT: '0', LOG_LEVEL: 'warn', ...defaults, ...prices, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
