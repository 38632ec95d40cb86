import { AGENT_TYPES, byAgentType, type AgentType } from '@teko/contracts';
import { UnavailableError, type QueueCounts, type RunJob, type RunQueue, type RunRateLimit } from '@teko/domain';
import Bull from 'bull';
import { keepSubscribed } from './keep-subscribed';
import { redisAddress, redisReason, type RedisAddress } from './redis-url';

/** A Bull queue of run ids. */
export type Queue = Bull.Queue<{ runId: string }>;

/** Parts of Bull that its types leave out. */
interface BullInternals extends Queue {
  eclient: Queue['client'];
  setWorkerName(): Promise<unknown>;
  updateDelayTimer(): Promise<unknown>;
  start(concurrency: number, name: string): Promise<unknown>;
}

const MAX_PRIORITY = 1000;
const RESPONSE_TIMEOUT_MS = 5_000;
const START_RETRY_MS = 1_000;
/** Bull's name of jobs without a name. */
const DEFAULT_JOB = '__default__';
const CHECK_KEY_MS = 60_000;

/** Returns the name of an agent type's Bull queue. */
export const queueName = (agentType: AgentType) => `runs-${agentType}`;

export interface BullSettings {
  url: string;
  prefix?: string;
  rate?: RunRateLimit | null;
}

/** Returns the common options of all run queues. Throws UnavailableError if the URL is invalid. */
export function bullOptions({ url, prefix = 'teko', rate }: BullSettings): Bull.QueueOptions {
  return {
    prefix,
    redis: { ...redisAddress(url), maxRetriesPerRequest: null, enableReadyCheck: false },
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
    ...(rate ? { limiter: { max: rate.max, duration: rate.durationMs } } : {}),
  };
}

/** Opens the queues of all agent types, without Nest. */
export function openBullQueues(settings: BullSettings): Record<AgentType, Queue> {
  return byAgentType((agentType) => new Bull(queueName(agentType), bullOptions(settings)));
}

/** Run queue with Bull, one Bull queue per agent type. The job id is the run id, so that a run waits at most once. */
export class BullRunQueue implements RunQueue {
  private readonly all: Queue[];
  private readonly address: RedisAddress;
  private isClosed = false;
  /** Why the last connection failed; null while Redis responds. */
  private outage: string | null = null;

  constructor(
    private readonly queues: Record<AgentType, Queue>,
    url: string,
  ) {
    this.address = redisAddress(url);
    this.all = AGENT_TYPES.map((agentType) => queues[agentType]);
    // Each failed reconnect emits an error event, which would end the process without a listener.
    for (const queue of this.all) queue.on('error', (error) => (this.outage = redisReason(error, this.address)));
  }

  async add(runId: string, { agentType, priority, delayMs = 0 }: RunJob): Promise<void> {
    const queue = this.queues[agentType];
    const job = await this.withTimeout(queue.getJob(runId));
    // The job of a crashed worker is active until Bull detects that it stalled. A second job is harmless, because the database
    // assigns a run to one worker only.
    const jobId = job && (await this.withTimeout(job.isActive())) ? `${runId}:${Date.now()}` : runId;
    const bullPriority = Math.max(1, MAX_PRIORITY - priority);
    await this.withTimeout(queue.add({ runId }, { jobId, priority: bullPriority, delay: delayMs }));
  }

  async remove(runId: string): Promise<void> {
    for (const queue of this.all) {
      const job = await this.withTimeout(queue.getJob(runId));
      if (job && !(await this.withTimeout(job.isActive()))) await this.withTimeout(job.remove());
    }
  }

  process(agentType: AgentType, concurrency: number, handler: (runId: string) => Promise<void>): void {
    const work = (job: Bull.Job<{ runId: string }>) => handler(job.data.runId).catch(() => undefined);
    const queue = this.queues[agentType] as BullInternals;
    keepSubscribed(queue.eclient);
    // Bull does not await it.
    const setWorkerName = queue.setWorkerName.bind(queue);
    queue.setWorkerName = () => setWorkerName().catch(() => undefined);
    // Bull rejects this promise if the queue is closed or Redis fails while it starts.
    queue.process(concurrency, work).catch(() => this.startLater(queue, concurrency));
  }

  async counts(): Promise<Record<AgentType, QueueCounts>> {
    const counted = await this.withTimeout(Promise.all(this.all.map((queue) => queue.getJobCounts())));
    return byAgentType((_, index) => {
      const { waiting, delayed, active, paused = 0 } = counted[index] as Bull.JobCounts & { paused?: number };
      return { queued: waiting + delayed + paused, active };
    });
  }

  /** Writes, because a replica and a server without memory still answer reads. */
  async check(): Promise<void> {
    const queue = this.all[0]!;
    if (this.outage && queue.client.status !== 'ready') throw this.unavailable();
    await this.withTimeout(queue.client.set(queue.toKey('check'), '', 'PX', CHECK_KEY_MS));
  }

  async pause(): Promise<void> {
    await this.withTimeout(Promise.all(this.all.map((queue) => queue.pause())));
  }

  async resume(): Promise<void> {
    await this.withTimeout(Promise.all(this.all.map((queue) => queue.resume())));
  }

  /** True if any queue is paused: queues that were added after the pause are not. */
  async isPaused(): Promise<boolean> {
    return (await this.withTimeout(Promise.all(this.all.map((queue) => queue.isPaused())))).some(Boolean);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all(this.all.map((queue) => queue.close()));
  }

  private startLater(queue: BullInternals, concurrency: number): void {
    const start = () => {
      if (this.isClosed) return;
      void queue.updateDelayTimer();
      queue.start(concurrency, DEFAULT_JOB).catch(() => this.startLater(queue, concurrency));
    };
    setTimeout(start, START_RETRY_MS).unref();
  }

  /** Bull waits forever if Redis is unavailable. */
  private async withTimeout<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.unavailable()), RESPONSE_TIMEOUT_MS);
    });
    try {
      const result = await Promise.race([work, timeout]);
      this.outage = null;
      return result;
    } catch (error) {
      throw error instanceof UnavailableError ? error : this.unavailable(error);
    } finally {
      clearTimeout(timer);
    }
  }

  private unavailable(error?: unknown): UnavailableError {
    const reason = error === undefined ? this.outage : redisReason(error, this.address);
    return new UnavailableError(
      'redis',
      `REDIS_URL: ${reason ?? `no response within ${RESPONSE_TIMEOUT_MS / 1000} s`}`,
    );
  }
}
