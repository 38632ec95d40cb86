import { UnavailableError, type RunQueue } from '@teko/domain';
import Bull from 'bull';

const HIGHEST_PRIORITY = 1000;
const ANSWER_MS = 5_000;

/** Hands run ids out over Redis with Bull; the job id is the run id, so an id that nobody works on waits at most once. */
export class BullRunQueue implements RunQueue {
  private readonly queue: Bull.Queue<{ runId: string }>;

  constructor(redisUrl: string, options: { prefix?: string } = {}) {
    this.queue = new Bull('runs', redisUrl, {
      prefix: options.prefix ?? 'teko',
      redis: { maxRetriesPerRequest: null, enableReadyCheck: false },
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
    });
    // Every failed reconnect is an event; without a listener it would end the process.
    this.queue.on('error', () => undefined);
  }

  async add(runId: string, { priority }: { priority: number }): Promise<void> {
    const job = await this.answer(this.queue.getJob(runId));
    // The job of a worker that died counts as active until Bull finds it stalled. A second one does no harm: the database
    // gives a run to one worker.
    const jobId = job && (await this.answer(job.isActive())) ? `${runId}:${Date.now()}` : runId;
    await this.answer(this.queue.add({ runId }, { jobId, priority: Math.max(1, HIGHEST_PRIORITY - priority) }));
  }

  async remove(runId: string): Promise<void> {
    const job = await this.answer(this.queue.getJob(runId));
    if (job && !(await this.answer(job.isActive()))) await this.answer(job.remove());
  }

  process(concurrency: number, handler: (runId: string) => Promise<void>): void {
    const work = (job: Bull.Job<{ runId: string }>) => handler(job.data.runId).catch(() => undefined);
    // A queue that is closed while it starts rejects this promise.
    this.queue.process(concurrency, work).catch(() => undefined);
  }

  async counts(): Promise<{ waiting: number; active: number }> {
    const counts = (await this.answer(this.queue.getJobCounts())) as Bull.JobCounts & { paused?: number };
    return { waiting: counts.waiting + counts.delayed + (counts.paused ?? 0), active: counts.active };
  }

  async pause(): Promise<void> {
    await this.answer(this.queue.pause());
  }

  async resume(): Promise<void> {
    await this.answer(this.queue.resume());
  }

  isPaused(): Promise<boolean> {
    return this.answer(this.queue.isPaused());
  }

  async close(): Promise<void> {
    await this.queue.close();
  }

  /** Bull waits for ever where Redis is away. */
  private async answer<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new UnavailableError('redis', `REDIS_URL: no answer within ${ANSWER_MS / 1000} s`)),
        ANSWER_MS,
      );
    });
    return Promise.race([work, late]).finally(() => clearTimeout(timer));
  }
}
