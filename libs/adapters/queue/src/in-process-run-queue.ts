import { byAgentType, type AgentType } from '@teko/contracts';
import type { QueueCounts, RunJob, RunQueue, RunRateLimit } from '@teko/domain';

type Handler = (runId: string) => Promise<void>;

interface Item extends RunJob {
  runId: string;
  notBefore: number;
}

interface Worker {
  concurrency: number;
  handler: Handler;
  active: Set<Promise<void>>;
  /** When the latest runs began, for the rate. */
  begun: number[];
}

/** Hands run ids out inside this process, highest priority first; each id waits at most once. */
export class InProcessRunQueue implements RunQueue {
  private waiting: Item[] = [];
  private readonly workers = new Map<AgentType, Worker>();
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private paused = false;

  constructor(private readonly rate: RunRateLimit | null = null) {}

  async add(runId: string, job: RunJob): Promise<void> {
    if (this.waiting.some((item) => item.runId === runId)) return;
    this.waiting.push({ runId, ...job, notBefore: Date.now() + (job.delayMs ?? 0) });
    this.next();
  }

  async remove(runId: string): Promise<void> {
    this.waiting = this.waiting.filter((item) => item.runId !== runId);
  }

  process(agentType: AgentType, concurrency: number, handler: Handler): void {
    this.workers.set(agentType, { concurrency, handler, active: new Set(), begun: [] });
    this.next();
  }

  async counts(): Promise<Record<AgentType, QueueCounts>> {
    return byAgentType((agentType) => ({
      waiting: this.waiting.filter((item) => item.agentType === agentType).length,
      active: this.workers.get(agentType)?.active.size ?? 0,
    }));
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
    clearTimeout(this.timer);
    await Promise.all([...this.workers.values()].flatMap(({ active }) => [...active]));
  }

  private next(): void {
    if (this.closed || this.paused) return;
    for (const [agentType, worker] of this.workers) {
      while (worker.active.size < worker.concurrency && this.mayBegin(worker)) {
        const item = this.takeFirst(agentType);
        if (!item) break;
        worker.begun.push(Date.now());
        const done: Promise<void> = this.handle(worker.handler, item.runId).finally(() => {
          worker.active.delete(done);
          this.next();
        });
        worker.active.add(done);
      }
    }
    this.wakeLater();
  }

  private takeFirst(agentType: AgentType): Item | undefined {
    const now = Date.now();
    const free = this.waiting.filter((item) => item.agentType === agentType && item.notBefore <= now);
    const first = free.reduce<Item | undefined>(
      (best, item) => (best && best.priority >= item.priority ? best : item),
      undefined,
    );
    if (first) this.waiting.splice(this.waiting.indexOf(first), 1);
    return first;
  }

  private mayBegin(worker: Worker): boolean {
    if (!this.rate) return true;
    const since = Date.now() - this.rate.durationMs;
    worker.begun = worker.begun.filter((at) => at > since);
    return worker.begun.length < this.rate.max;
  }

  /** What is held back by its delay or by the rate has nobody else to wake it. */
  private wakeLater(): void {
    clearTimeout(this.timer);
    const now = Date.now();
    const moments = this.waiting.map(({ notBefore }) => notBefore);
    const { rate } = this;
    if (rate && this.waiting.length > 0) {
      for (const { begun } of this.workers.values()) if (begun[0]) moments.push(begun[0] + rate.durationMs);
    }
    const due = moments.filter((moment) => moment > now);
    if (due.length === 0) return;
    this.timer = setTimeout(() => this.next(), Math.min(...due) - now + 1);
    this.timer.unref();
  }

  /** What a handler throws is its own matter: the database says what became of the run. */
  private async handle(handler: Handler, runId: string): Promise<void> {
    await Promise.resolve()
      .then(() => handler(runId))
      .catch(() => undefined);
  }
}
