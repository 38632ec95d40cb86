import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { UnavailableError } from '@teko/domain';
import { ChromaBinding } from './chroma-binding';
import { ChromaProcess } from './chroma-process';
import type { ChromaPlace } from './chroma-vectors';

const CHECK_INTERVAL_MS = 2_000;
const INITIAL_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 5 * 60_000;
/** What ran so long was well: the next start needs no patience. */
const HEALTHY_AFTER_MS = 60_000;
const REMEDY = 'Search goes on by words; Teko tries again by itself, or set CHROMA_URL to a Chroma of your own';

/** The embedded Chroma: a child process that is started in the background, and again when it ends. Its data lives in `home`. */
export class ChromaServer implements ChromaPlace {
  readonly remedy = 'Teko starts it again by itself';
  private readonly logger = new Logger('Chroma');
  private readonly data: string;
  private readonly binding: ChromaBinding;
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private address: string | null = null;
  private trouble = new UnavailableError('chroma', 'Chroma is being started');

  constructor(home: string) {
    this.data = join(home, 'chroma');
    this.binding = new ChromaBinding(join(home, 'chroma-server'), (line) => this.logger.log(line));
  }

  /** Where it answers. Throws UnavailableError while it does not. */
  get url(): string {
    if (this.address === null) throw this.trouble;
    return this.address;
  }

  /** Starts it in the background, for as long as nobody stops it. */
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
      const began = Date.now();
      this.trouble = await this.runOnce().then(
        () => new UnavailableError('chroma', 'Chroma has ended and is being started again'),
        (error: Error) =>
          error instanceof UnavailableError ? error : new UnavailableError('chroma', error.message, REMEDY),
      );
      if (signal.aborted) return;
      wait = Date.now() - began > HEALTHY_AFTER_MS ? INITIAL_BACKOFF_MS : Math.min(wait * 2, MAX_BACKOFF_MS);
      this.logger.warn(`${this.trouble.message}. Next try in ${wait / 1000} s.`);
      await pause(wait, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Resolves when a server that was well has ended. */
  private async runOnce(): Promise<void> {
    await mkdir(this.data, { recursive: true });
    const { path } = this.binding;
    if (path === null) return this.fetchOther('it is not installed');
    const server = await ChromaProcess.start(path, this.data);
    try {
      if (await this.unlessStopped(server.answers())) {
        this.address = server.url;
        this.logger.debug(`Chroma answers at ${server.url}.`);
        return await this.watch(server);
      }
      if (!server.cannotLoad)
        throw new Error(`Chroma cannot be started (${server.said.trim() || 'it does not answer'})`);
    } finally {
      this.address = null;
      await server.kill();
    }
    return this.fetchOther(server.said);
  }

  private async fetchOther(reason: string): Promise<void> {
    if (!this.binding.canBeFetched) throw new Error(`Chroma does not run on this system (${reason})`);
    this.trouble = new UnavailableError('chroma', 'Chroma is being installed for this system, once');
    await this.binding.fetch(this.stopping.signal);
    return this.runOnce();
  }

  /** Until it ends, or its files are deleted: then it cannot write any more, and starts afresh. */
  private async watch(server: ChromaProcess): Promise<void> {
    while (!server.isOver && !this.stopping.signal.aborted && existsSync(join(this.data, 'chroma.sqlite3'))) {
      const look = new AbortController();
      const signal = AbortSignal.any([look.signal, this.stopping.signal]);
      await Promise.race([server.ended, pause(CHECK_INTERVAL_MS, undefined, { signal }).catch(() => undefined)]);
      look.abort();
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
