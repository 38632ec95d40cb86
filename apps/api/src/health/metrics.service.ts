import { Inject, Injectable } from '@nestjs/common';
import { RunQueue, RunRepository, sumCounts, TaskRepository } from '@teko/domain';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { inTime } from '../http/in-time';

/** Figures of the process, and how many runs, tasks and queue entries there are. */
@Injectable()
export class Metrics {
  private readonly registry = new Registry();

  constructor(
    @Inject(RunRepository) runs: RunRepository,
    @Inject(TaskRepository) tasks: TaskRepository,
    @Inject(RunQueue) queue: RunQueue,
  ) {
    collectDefaultMetrics({ register: this.registry });
    this.gauge('teko_runs', 'Runs by status', 'status', () => runs.countByStatus());
    this.gauge('teko_tasks', 'Tasks by status', 'status', () => tasks.countByStatus());
    this.gauge('teko_queue', 'Entries of the run queue by state', 'state', async () => ({
      ...sumCounts(await queue.counts()),
    }));
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  private gauge(name: string, help: string, label: string, counts: () => Promise<Record<string, number>>): void {
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [this.registry],
      async collect() {
        this.reset();
        const values = await inTime(counts).catch(() => ({}));
        for (const [key, value] of Object.entries(values)) this.set({ [label]: key }, value);
      },
    });
  }
}
