import { Inject, Injectable } from '@nestjs/common';
import { Clock, queuedHead, RepositoryRepository, RunQueue, RunRepository, runsAhead, type Run } from '@teko/domain';

const DAY_MS = 86_400_000;
const SAMPLE_SIZE = 100;
const MAX_QUEUED = 1_000;

export interface QueuePosition {
  /** A sentence that says why the run waits, or null if it does not wait. */
  reason: string | null;
  /** Number of runs that will start before it, or null if it does not wait in the queue. */
  ahead: number | null;
  /** Estimated waiting time from the runs of the last day, or null if it cannot be estimated. */
  seconds: number | null;
}

/** Explains why a run waits and estimates for how long. */
@Injectable()
export class QueuePositions {
  constructor(
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(RunQueue) private readonly queue: RunQueue,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Returns the position of a run. `cap` is the maximum number of running runs per repository, or null for no limit. */
  async of(run: Run, cap: number | null): Promise<QueuePosition> {
    const none = { ahead: null, seconds: null };
    if (run.status === 'waiting') return { ...none, ...this.waiting(run) };
    if (run.status !== 'queued') return { ...none, reason: null };
    if (await this.queue.isPaused()) return { ...none, reason: 'The queue is paused.' };
    const [{ activeRuns }, weights, queued, running] = await Promise.all([
      this.runs.queueHeads(run.agentType),
      this.repositories.findWeights(),
      this.runs.findQueued(MAX_QUEUED),
      this.runs.findRunning(),
    ]);
    const rivals = queued.filter(({ agentType, id }) => agentType === run.agentType && id !== run.id);
    const ahead = runsAhead([...rivals, run].map(queuedHead), run.number, activeRuns, {
      now: this.clock.now(),
      cap,
      weights,
    });
    const parallel = running.filter(({ agentType }) => agentType === run.agentType).length;
    const isFull = cap !== null && (activeRuns.repositories[run.repositoryId] ?? 0) >= cap;
    return { ahead, seconds: await this.estimate(ahead, parallel), reason: reasonFor(ahead, parallel, isFull) };
  }

  private waiting({ resumeAt, outcomeDetail }: Run): Partial<QueuePosition> & { reason: string } {
    const reason = outcomeDetail ?? 'It is waiting for human input.';
    if (!resumeAt) return { reason };
    return { reason, seconds: Math.max(0, Math.round((resumeAt.getTime() - this.clock.now().getTime()) / 1000)) };
  }

  /** Assumes that each run takes the median duration of recent runs. */
  private async estimate(ahead: number, parallel: number): Promise<number | null> {
    if (parallel === 0) return null;
    const since = new Date(this.clock.now().getTime() - DAY_MS);
    const durations = (await this.runs.findFinishedSince(since, SAMPLE_SIZE))
      .filter(({ startedAt }) => startedAt !== null)
      .map((run) => run.finishedAt!.getTime() - run.startedAt!.getTime() - run.waitedMs)
      .sort((a, b) => a - b);
    const median = durations[Math.floor(durations.length / 2)];
    return median === undefined ? null : Math.ceil(((Math.floor(ahead / parallel) + 0.5) * median) / 1000);
  }
}

function reasonFor(ahead: number, parallel: number, isFull: boolean): string {
  if (isFull) return 'The repository has reached its limit of running runs.';
  if (parallel === 0) return 'No run of this kind is running.';
  const position =
    ahead === 0 ? 'It is next' : ahead === 1 ? 'One run is ahead of it' : `${ahead} runs are ahead of it`;
  return `${position}; ${parallel === 1 ? 'one is' : `${parallel} are`} running.`;
}
