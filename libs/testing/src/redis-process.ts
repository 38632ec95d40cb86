import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from './free-port';

const START_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 1_000;
const START_ATTEMPTS = 3;

/** A Redis server for a single test, which can be killed and restarted on the same port without its data. */
export class RedisProcess {
  private child: ChildProcess | undefined;

  private constructor(private readonly port: number) {}

  /** Starts a server on a free port. Throws if `redis-server` is not installed or does not answer. */
  static async start(): Promise<RedisProcess> {
    for (let attempt = 1; ; attempt++) {
      const redis = new RedisProcess(await freePort());
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
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts the server on its port. Kills it and throws if it does not answer in time. */
  async restart(): Promise<void> {
    const options = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const child = spawn('redis-server', options, { cwd: tmpdir(), stdio: ['ignore', 'pipe', 'pipe'] });
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

  private get hasExited(): boolean {
    return !this.child?.pid || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private async answers(): Promise<boolean> {
    const client = new Redis(this.url, {
      lazyConnect: true,
      retryStrategy: () => null,
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: CONNECT_TIMEOUT_MS,
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
