import { Inject, Injectable } from '@nestjs/common';
import { Clock, queuedHead, RepositoryRepository, RunQueue, RunRepository, runsAhead, type Run } from '@teko/domain';

const DAY = 86_400_000;
const SAMPLE = 100;
const MAX_QUEUED = 1_000;

export interface QueuePlace {
  /** Why the run waits, in words; null where it does not. */
  reason: string | null;
  /** Runs that begin before it, as things stand; null where it is not the queue that it waits for. */
  ahead: number | null;
  /** A rough guess from the last day's runs; null where nothing can be said. */
  seconds: number | null;
}

/** Says why a run waits and roughly how long. */
@Injectable()
export class QueuePlaces {
  constructor(
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(RunQueue) private readonly queue: RunQueue,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async of(run: Run, cap: number | null): Promise<QueuePlace> {
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
    const side = running.filter(({ agentType }) => agentType === run.agentType).length;
    const full = cap !== null && (activeRuns.repositories[run.repositoryId] ?? 0) >= cap;
    return { ahead, seconds: await this.guess(ahead, side), reason: inWords(ahead, side, full) };
  }

  private waiting({ resumeAt, outcomeDetail }: Run): Partial<QueuePlace> & { reason: string } {
    const reason = outcomeDetail ?? 'It waits for people.';
    if (!resumeAt) return { reason };
    return { reason, seconds: Math.max(0, Math.round((resumeAt.getTime() - this.clock.now().getTime()) / 1000)) };
  }

  /** Whoever works now takes as long as runs took lately, and goes on with who is ahead. */
  private async guess(ahead: number, side: number): Promise<number | null> {
    if (side === 0) return null;
    const since = new Date(this.clock.now().getTime() - DAY);
    const took = (await this.runs.findFinishedSince(since, SAMPLE))
      .filter(({ startedAt }) => startedAt !== null)
      .map((run) => run.finishedAt!.getTime() - run.startedAt!.getTime() - run.waitedMs)
      .sort((a, b) => a - b);
    const usual = took[Math.floor(took.length / 2)];
    return usual === undefined ? null : Math.ceil(((Math.floor(ahead / side) + 0.5) * usual) / 1000);
  }
}

function inWords(ahead: number, side: number, full: boolean): string {
  if (full) return 'Its repository has as many runs at work as it may have.';
  if (side === 0) return 'No worker is at work on runs of this kind.';
  const before = ahead === 0 ? 'It is next' : ahead === 1 ? 'One run is before it' : `${ahead} runs are before it`;
  return `${before}; ${side === 1 ? 'one is' : `${side} are`} at work.`;
}
