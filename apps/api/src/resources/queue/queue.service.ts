import { Inject, Injectable } from '@nestjs/common';
import { AGENT_TYPES } from '@teko/contracts';
import { Clock, RunQueue, RunRepository, sumCounts, type Run } from '@teko/domain';
import type { FailureDto, QueueDto, QueueHourDto, WorkerDto } from './queue.dto';

const HOUR = 3_600_000;
const HOURS = 24;
const MOST = 10_000;

/** What the queue, its workers and the last day look like. */
@Injectable()
export class QueueService {
  constructor(
    @Inject(RunQueue) private readonly queue: RunQueue,
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async show(): Promise<QueueDto> {
    const now = this.clock.now();
    const first = new Date((Math.floor(now.getTime() / HOUR) - HOURS + 1) * HOUR);
    const [counts, paused, running, ended] = await Promise.all([
      this.queue.counts(),
      this.queue.isPaused(),
      this.runs.findRunning(),
      this.runs.findFinishedSince(first, MOST),
    ]);
    const worked = ended.filter(({ startedAt }) => startedAt !== null);
    return {
      paused,
      ...sumCounts(counts),
      agents: AGENT_TYPES.map((agentType) => ({ agentType, ...counts[agentType] })),
      workers: workersOf(running, now),
      hours: hoursOf(ended, first),
      failures: failuresOf(ended),
      medianWaitMs: median(worked.map((run) => run.startedAt!.getTime() - run.queuedAt.getTime())),
      medianRunMs: median(worked.map((run) => run.finishedAt!.getTime() - run.startedAt!.getTime() - run.waitedMs)),
    };
  }

  async pause(): Promise<QueueDto> {
    await this.queue.pause();
    return this.show();
  }

  async resume(): Promise<QueueDto> {
    await this.queue.resume();
    return this.show();
  }
}

function workersOf(running: Run[], now: Date): WorkerDto[] {
  const workers = new Map<string, WorkerDto>();
  for (const { id: runId, number, phase, leaseOwner, leaseExpiresAt, leaseToken, startedAt } of running) {
    if (!leaseOwner) continue;
    const worker = workers.get(leaseOwner) ?? { id: leaseOwner, late: false, runs: [] };
    worker.late ||= leaseExpiresAt !== null && leaseExpiresAt < now;
    worker.runs.push({ runId, number, phase, leaseExpiresAt, leaseToken, startedAt });
    workers.set(leaseOwner, worker);
  }
  return [...workers.values()];
}

function hoursOf(ended: Run[], first: Date): QueueHourDto[] {
  const hours = Array.from({ length: HOURS }, (_, n) => ({
    hour: new Date(first.getTime() + n * HOUR),
    succeeded: 0,
    failed: 0,
    cancelled: 0,
  }));
  for (const { finishedAt, status } of ended) {
    const hour = hours[Math.floor((finishedAt!.getTime() - first.getTime()) / HOUR)];
    if (hour && (status === 'succeeded' || status === 'failed' || status === 'cancelled')) hour[status]++;
  }
  return hours;
}

function failuresOf(ended: Run[]): FailureDto[] {
  const counts = new Map<FailureDto['outcome'], number>();
  for (const { status, outcome } of ended) {
    if (status === 'failed' && outcome) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  return [...counts].map(([outcome, count]) => ({ outcome, count })).sort((a, b) => b.count - a.count);
}

function median(values: number[]): number | null {
  const sorted = values.sort((a, b) => a - b);
  return sorted.length === 0 ? null : sorted[Math.floor(sorted.length / 2)]!;
}
