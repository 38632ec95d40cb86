import type { Logger } from '@nestjs/common';

/** Does a piece of work again and again, one time after the other: when it is woken, and else after `idleMs`. */
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

  /** Work that is under way is followed by another time. */
  readonly wake = (): void => {
    this.isWoken = true;
    this.wakeUp();
  };

  /** Resolves when what is under way is done. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.wakeUp();
    await this.running;
  }

  /** One part of the work: its fault is logged by its name and keeps the others from nothing. None is begun any more once it is stopped. */
  async guarded(what: string, part: () => Promise<unknown>): Promise<void> {
    if (this.isStopped) return;
    try {
      await part();
    } catch (error) {
      const { message, stack } = error as Error;
      this.logger.error(`${what}: ${message}`, stack);
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
