import type { Logger } from '@nestjs/common';

/** Repeats some work, never concurrently: as soon as it is woken, otherwise `idleMs` after the last time. */
export class PollingLoop {
  private wakeUp: () => void = () => undefined;
  private isStopped = false;
  private isWoken = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly work: () => Promise<unknown>,
    private readonly idleMs: number,
    private readonly logger: Pick<Logger, 'error'>,
  ) {}

  get stopped(): boolean {
    return this.isStopped;
  }

  start(): void {
    this.running = this.run();
  }

  /** Starts the work now, or again after the current pass. */
  readonly wake = (): void => {
    this.isWoken = true;
    this.wakeUp();
  };

  /** Resolves when the current pass has finished. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.wakeUp();
    await this.running;
  }

  /** Runs one part of the work unless the loop was stopped. Logs its error under the given name, so that the other parts still run. */
  async attempt(name: string, part: () => Promise<unknown>): Promise<void> {
    if (this.isStopped) return;
    try {
      await part();
    } catch (error) {
      const { message, stack } = error as Error;
      this.logger.error(`${name}: ${message}`, stack);
    }
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      this.isWoken = false;
      await this.work();
      if (!this.isWoken && !this.isStopped) await this.pause();
    }
  }

  private async pause(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.wakeUp = resolve;
      timer = setTimeout(resolve, this.idleMs);
    });
    clearTimeout(timer);
  }
}
