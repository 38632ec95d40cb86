import type { RunQueue } from '@teko/domain';

type Handler = (runId: string) => Promise<void>;

/** Hands run ids out inside this process, highest priority first; each id waits at most once. */
export class InProcessRunQueue implements RunQueue {
  private waiting: { runId: string; priority: number }[] = [];
  private readonly active = new Map<string, Promise<void>>();
  private handler: Handler | null = null;
  private concurrency = 0;
  private closed = false;
  private paused = false;

  async add(runId: string, { priority }: { priority: number }): Promise<void> {
    if (this.waiting.some((item) => item.runId === runId)) return;
    this.waiting.push({ runId, priority });
    this.next();
  }

  async remove(runId: string): Promise<void> {
    this.waiting = this.waiting.filter((item) => item.runId !== runId);
  }

  process(concurrency: number, handler: Handler): void {
    this.concurrency = concurrency;
    this.handler = handler;
    this.next();
  }

  async counts(): Promise<{ waiting: number; active: number }> {
    return { waiting: this.waiting.length, active: this.active.size };
  }

  async pause(): Promise<void> {
    this.paused = true;
  }

  async resume(): Promise<void> {
    this.paused = false;
    this.next();
  }

  async isPaused(): Promise<boolean> {
    return this.paused;
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.active.values());
  }

  private next(): void {
    while (this.handler && !this.closed && !this.paused && this.active.size < this.concurrency) {
      const item = this.takeFirst();
      if (!item) return;
      const done = this.handle(this.handler, item.runId).finally(() => {
        this.active.delete(item.runId);
        this.next();
      });
      this.active.set(item.runId, done);
    }
  }

  /** An id that is being worked on waits until that is done. */
  private takeFirst() {
    const free = this.waiting.filter((item) => !this.active.has(item.runId));
    const first = free.reduce<(typeof free)[number] | undefined>(
      (best, item) => (best && best.priority >= item.priority ? best : item),
      undefined,
    );
    if (first) this.waiting.splice(this.waiting.indexOf(first), 1);
    return first;
  }

  /** What a handler throws is its own matter: the database says what became of the run. */
  private async handle(handler: Handler, runId: string): Promise<void> {
    await Promise.resolve()
      .then(() => handler(runId))
      .catch(() => undefined);
  }
}
