import { Inject, Injectable } from '@nestjs/common';
import { AGENT_TYPES } from '@teko/contracts';
import { Clock, RunQueue, RunRepository, sumCounts, type Run } from '@teko/domain';
import type { FailedRunDto, FailureDto, QueueDto, QueueHourDto, WorkerDto } from './queue.dto';

const HOUR = 3_600_000;
const HOURS = 24;
const MAX_ROWS = 10_000;
const MAX_FAILED = 20;

/** Collects the state of the queue, its workers and the statistics of the last 24 hours. */
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
    const [counts, paused, running, finished] = await Promise.all([
      this.queue.counts(),
      this.queue.isPaused(),
      this.runs.findRunning(),
      this.runs.findFinishedSince(first, MAX_ROWS),
    ]);
    // Replays are excluded: they do no work on a task, and a diverged replay is not a failure of the task.
    const ended = finished.filter(({ origin }) => origin?.kind !== 'replay');
    return {
      paused,
      ...sumCounts(counts),
      agents: AGENT_TYPES.map((agentType) => ({ agentType, ...counts[agentType] })),
      workers: workersOf(running, now),
      hours: hoursOf(ended, first),
      failures: failuresOf(ended),
      failed: failedOf(ended),
      ...mediansOf(ended),
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
  return Array.from({ length: HOURS }, (_, n) => {
    const hour = new Date(first.getTime() + n * HOUR);
    const runs = ended.filter(({ finishedAt }) => finishedAt! >= hour && finishedAt!.getTime() < hour.getTime() + HOUR);
    const count = (status: Run['status']) => runs.filter((run) => run.status === status).length;
    const counts = { succeeded: count('succeeded'), failed: count('failed'), cancelled: count('cancelled') };
    return { hour, ...counts, ...mediansOf(runs) };
  });
}

function mediansOf(ended: Run[]): Pick<QueueHourDto, 'medianWaitMs' | 'medianRunMs'> {
  const started = ended.filter(({ startedAt }) => startedAt !== null);
  return {
    medianWaitMs: median(started.map((run) => run.startedAt!.getTime() - run.queuedAt.getTime())),
    medianRunMs: median(started.map((run) => run.finishedAt!.getTime() - run.startedAt!.getTime() - run.waitedMs)),
  };
}

function failedOf(ended: Run[]): FailedRunDto[] {
  return ended
    .filter(({ status }) => status === 'failed')
    .slice(0, MAX_FAILED)
    .map(({ id, number, taskId, repositoryId, outcome, outcomeDetail, finishedAt }) => {
      return { id, number, taskId, repositoryId, outcome, outcomeDetail, finishedAt };
    });
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
