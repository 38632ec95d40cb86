import { Inject, Injectable } from '@nestjs/common';
import { MAX_PER_PAGE } from '@teko/contracts';
import {
  Memory,
  RepositoryRepository,
  RunQueue,
  RunRepository,
  sumCounts,
  TaskRepository,
  WebhookEventRepository,
} from '@teko/domain';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { withTimeout } from '../http/with-timeout';

/** Prometheus metrics of the process, runs, tasks, queue and webhooks. */
@Injectable()
export class Metrics {
  private readonly registry = new Registry();
  private readonly refused = new Counter({
    name: 'teko_webhooks_rejected_total',
    help: 'Rejected webhooks by reason',
    labelNames: ['reason'],
    registers: [this.registry],
  });

  constructor(
    @Inject(RunRepository) runs: RunRepository,
    @Inject(TaskRepository) tasks: TaskRepository,
    @Inject(RunQueue) queue: RunQueue,
    @Inject(WebhookEventRepository) webhooks: WebhookEventRepository,
    @Inject(RepositoryRepository) repositories: RepositoryRepository,
    @Inject(Memory) memory: Memory,
  ) {
    collectDefaultMetrics({ register: this.registry });
    this.gauge('teko_runs', 'Runs by status', 'status', () => runs.countByStatus());
    this.gauge('teko_tasks', 'Tasks by status', 'status', () => tasks.countByStatus());
    this.gauge('teko_queue', 'Entries of the run queue by state', 'state', async () => ({
      ...sumCounts(await queue.counts()),
    }));
    this.gauge('teko_webhook_events', 'Stored webhooks by status', 'status', () => webhooks.countByStatus());
    this.gauge('teko_missed_events', 'Events that webhooks missed and reconciliation found', 'source', async () => ({
      github: await missedEvents(repositories),
    }));
    const upIfUsed = (isUsed: boolean): Record<string, number> => (isUsed ? { chroma: 1 } : {});
    this.gauge('teko_dependency_up', 'Whether an optional dependency is reachable, by name', 'dependency', () =>
      memory.check().then(upIfUsed, () => ({ chroma: 0 })),
    );
  }

  webhookRefused(reason: string): void {
    this.refused.inc({ reason });
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
        const values = await withTimeout(counts).catch(() => ({}));
        for (const [key, value] of Object.entries(values)) this.set({ [label]: key }, value);
      },
    });
  }
}

async function missedEvents(repositories: RepositoryRepository): Promise<number> {
  const query = { perPage: MAX_PER_PAGE, sort: 'createdAt', order: 'ASC' } as const;
  let sum = 0;
  for (let page = 1; ; page++) {
    const { data, total } = await repositories.list({ ...query, filters: { forge: ['github'] }, page });
    sum += data.reduce((missed, repository) => missed + repository.missedEvents, 0);
    if (data.length === 0 || page * MAX_PER_PAGE >= total) return sum;
  }
}
