/** Does a piece of work again and again, one time after the other: when it is woken, and else after `idleMs`. */
export class Loop {
  private wakeUp: () => void = () => undefined;
  private isStopped = false;
  private isWoken = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly work: () => Promise<unknown>,
    private readonly idleMs: number,
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
