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
  /** Start times of the latest runs, for the rate limit. */
  startedAt: number[];
}

/** Run queue inside this process, highest priority first. Each run waits at most once. */
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
    this.startDue();
  }

  async remove(runId: string): Promise<void> {
    this.waiting = this.waiting.filter((item) => item.runId !== runId);
  }

  process(agentType: AgentType, concurrency: number, handler: Handler): void {
    this.workers.set(agentType, { concurrency, handler, active: new Set(), startedAt: [] });
    this.startDue();
  }

  async counts(): Promise<Record<AgentType, QueueCounts>> {
    return byAgentType((agentType) => ({
      queued: this.waiting.filter((item) => item.agentType === agentType).length,
      active: this.workers.get(agentType)?.active.size ?? 0,
    }));
  }

  async check(): Promise<void> {}

  async pause(): Promise<void> {
    this.paused = true;
  }

  async resume(): Promise<void> {
    this.paused = false;
    this.startDue();
  }

  async isPaused(): Promise<boolean> {
    return this.paused;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await Promise.all([...this.workers.values()].flatMap(({ active }) => [...active]));
  }

  private startDue(): void {
    if (this.closed || this.paused) return;
    for (const [agentType, worker] of this.workers) {
      while (worker.active.size < worker.concurrency && this.canStart(worker)) {
        const item = this.takeNext(agentType);
        if (!item) break;
        worker.startedAt.push(Date.now());
        const done: Promise<void> = this.handle(worker.handler, item.runId).finally(() => {
          worker.active.delete(done);
          this.startDue();
        });
        worker.active.add(done);
      }
    }
    this.scheduleNext();
  }

  private takeNext(agentType: AgentType): Item | undefined {
    const now = Date.now();
    const due = this.waiting.filter((item) => item.agentType === agentType && item.notBefore <= now);
    const first = due.reduce<Item | undefined>(
      (best, item) => (best && best.priority >= item.priority ? best : item),
      undefined,
    );
    if (first) this.waiting.splice(this.waiting.indexOf(first), 1);
    return first;
  }

  private canStart(worker: Worker): boolean {
    if (!this.rate) return true;
    const since = Date.now() - this.rate.durationMs;
    worker.startedAt = worker.startedAt.filter((at) => at > since);
    return worker.startedAt.length < this.rate.max;
  }

  /** Sets a timer for the next run that waits for its delay or the rate limit. */
  private scheduleNext(): void {
    clearTimeout(this.timer);
    const now = Date.now();
    const times = this.waiting.map(({ notBefore }) => notBefore);
    const { rate } = this;
    if (rate && this.waiting.length > 0) {
      for (const { startedAt } of this.workers.values()) if (startedAt[0]) times.push(startedAt[0] + rate.durationMs);
    }
    const future = times.filter((time) => time > now);
    if (future.length === 0) return;
    this.timer = setTimeout(() => this.startDue(), Math.min(...future) - now + 1);
    this.timer.unref();
  }

  /** Ignores errors of the handler: the result of a run is in the database. */
  private async handle(handler: Handler, runId: string): Promise<void> {
    await Promise.resolve()
      .then(() => handler(runId))
      .catch(() => undefined);
  }
}
