import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { UnavailableError } from '@teko/domain';
import { ChromaBinding } from './chroma-binding';
import { ChromaProcess } from './chroma-process';
import type { ChromaEndpoint } from './chroma-vectors';

const CHECK_INTERVAL_MS = 2_000;
const INITIAL_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 5 * 60_000;
/** A server that ran this long was healthy, so the backoff starts again. */
const HEALTHY_AFTER_MS = 60_000;
const REMEDY = 'Search uses keywords only. Teko retries automatically, or set CHROMA_URL to your own Chroma server';

/** The embedded Chroma server: a child process that is started in the background and restarted if it ends. Stores its data in `home`. */
export class ChromaServer implements ChromaEndpoint {
  readonly remedy = 'Teko restarts it automatically';
  private readonly logger = new Logger('Chroma');
  private readonly data: string;
  private readonly binding: ChromaBinding;
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private current: ChromaProcess | null = null;
  private outage = new UnavailableError('chroma', 'Chroma is starting');

  constructor(home: string) {
    this.data = join(home, 'chroma');
    this.binding = new ChromaBinding(join(home, 'chroma-server'), (line) => this.logger.log(line));
  }

  /** URL of the server. Throws UnavailableError while it is not running. */
  get url(): string {
    if (this.current === null) throw this.outage;
    return this.current.url;
  }

  get headers(): Record<string, string> {
    return this.current?.headers ?? {};
  }

  /** Starts the server in the background and keeps it running until `stop`. */
  start(): void {
    this.running = this.keepRunning();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async keepRunning(): Promise<void> {
    const { signal } = this.stopping;
    let wait = INITIAL_BACKOFF_MS;
    while (!signal.aborted) {
      const startedAt = Date.now();
      this.outage = await this.runOnce().then(
        () => new UnavailableError('chroma', 'Chroma has ended and is restarting'),
        (error: Error) =>
          error instanceof UnavailableError ? error : new UnavailableError('chroma', error.message, REMEDY),
      );
      if (signal.aborted) return;
      wait = Date.now() - startedAt > HEALTHY_AFTER_MS ? INITIAL_BACKOFF_MS : Math.min(wait * 2, MAX_BACKOFF_MS);
      this.logger.warn(`${this.outage.message}. Retrying in ${wait / 1000} s.`);
      await pause(wait, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Runs the server once. Resolves when a server that was ready has ended. */
  private async runOnce(): Promise<void> {
    await mkdir(this.data, { recursive: true });
    const { path } = this.binding;
    if (path === null) return this.installFallback('it is not installed');
    if (process.platform !== 'linux')
      this.logger.warn(
        'Every user of this host can reach the embedded Chroma. Set CHROMA_URL to a server with a token.',
      );
    const server = await ChromaProcess.start(path, this.data);
    try {
      if (await this.unlessStopped(server.waitUntilReady())) {
        this.current = server;
        this.logger.debug(`Chroma is listening at ${server.url}.`);
        return await this.watch(server);
      }
      if (!server.cannotLoad)
        throw new Error(`Chroma cannot be started (${server.lastOutput.trim() || 'it does not respond'})`);
    } finally {
      this.current = null;
      await server.kill();
    }
    return this.installFallback(server.lastOutput);
  }

  private async installFallback(reason: string): Promise<void> {
    if (!this.binding.canInstallFallback) throw new Error(`Chroma does not run on this system (${reason})`);
    this.outage = new UnavailableError('chroma', 'Chroma is being installed for this system (once)');
    await this.binding.installFallback(this.stopping.signal);
    return this.runOnce();
  }

  /** Waits until the server ends or its files are deleted. In that case it can no longer write and must be restarted. */
  private async watch(server: ChromaProcess): Promise<void> {
    while (!server.hasEnded && !this.stopping.signal.aborted && existsSync(join(this.data, 'chroma.sqlite3'))) {
      const check = new AbortController();
      const signal = AbortSignal.any([check.signal, this.stopping.signal]);
      await Promise.race([server.ended, pause(CHECK_INTERVAL_MS, undefined, { signal }).catch(() => undefined)]);
      check.abort();
    }
  }

  private unlessStopped(work: Promise<boolean>): Promise<boolean> {
    const { signal } = this.stopping;
    if (signal.aborted) return Promise.resolve(false);
    const stopped = new Promise<boolean>((resolve) =>
      signal.addEventListener('abort', () => resolve(false), { once: true }),
    );
    return Promise.race([work, stopped]);
  }
}
