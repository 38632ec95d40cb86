import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from './free-port';

const START_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 1_000;
const START_ATTEMPTS = 3;

export interface RedisOptions {
  password?: string;
  /** Files of the certificate, its key and its authority. The server then speaks only TLS. */
  tls?: { cert: string; key: string; ca: string };
}

/** A Redis server for a single test, which can be killed and restarted on the same port without its data. */
export class RedisProcess {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly port: number,
    private options: RedisOptions,
  ) {}

  /** Starts a server on a free port. Throws if `redis-server` is not installed or does not answer. */
  static async start(options: RedisOptions = {}): Promise<RedisProcess> {
    for (let attempt = 1; ; attempt++) {
      const redis = new RedisProcess(await freePort(), options);
      try {
        await redis.restart();
        return redis;
      } catch (error) {
        // Another process may have bound the port meanwhile.
        if (attempt === START_ATTEMPTS) throw error;
      }
    }
  }

  get url(): string {
    const { password, tls } = this.options;
    return `${tls ? 'rediss' : 'redis'}://${password ? `:${password}@` : ''}127.0.0.1:${this.port}`;
  }

  /** Starts the server on its port, with other options if given. Kills it and throws if it does not answer in time. */
  async restart(options = this.options): Promise<void> {
    this.options = options;
    const { password, tls } = options;
    const port = String(this.port);
    const listen = tls
      ? ['--port', '0', '--tls-port', port, '--tls-auth-clients', 'no', '--tls-cert-file', tls.cert].concat(
          ['--tls-key-file', tls.key],
          ['--tls-ca-cert-file', tls.ca],
        )
      : ['--port', port];
    const access = password ? ['--requirepass', password] : [];
    const arguments_ = [...listen, ...access, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const child = spawn('redis-server', arguments_, { cwd: tmpdir(), stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)));
    let failure: Error | undefined;
    child.once('error', (error) => (failure = error));
    const end = Date.now() + START_TIMEOUT_MS;
    while (!(await this.answers())) {
      if (failure) throw failure;
      if (this.hasExited || Date.now() > end) {
        await this.kill();
        throw new Error(`redis-server on port ${this.port} did not start: ${output.slice(-2000)}`);
      }
      await delay(20);
    }
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (!child || this.hasExited) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  /** Sends a command to the server. */
  async command(name: string, ...args: string[]): Promise<unknown> {
    const client = new Redis(this.url, this.options.tls ? { tls: { rejectUnauthorized: false } } : {});
    try {
      return await client.call(name, ...args);
    } finally {
      client.disconnect();
    }
  }

  private get hasExited(): boolean {
    return !this.child?.pid || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private async answers(): Promise<boolean> {
    const client = new Redis(this.url, {
      lazyConnect: true,
      retryStrategy: () => null,
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: CONNECT_TIMEOUT_MS,
      ...(this.options.tls ? { tls: { rejectUnauthorized: false } } : {}),
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      // Another process could have bound the port.
      return !this.hasExited;
    } catch {
      return false;
    } finally {
      client.disconnect();
    }
  }
}
