import { AGENT_TYPES, byAgentType, type AgentType } from '@teko/contracts';
import { UnavailableError, type QueueCounts, type RunJob, type RunQueue, type RunRateLimit } from '@teko/domain';
import Bull from 'bull';

/** A queue of runs to wake workers up for. */
export type Queue = Bull.Queue<{ runId: string }>;

const MAX_PRIORITY = 1000;
const ANSWER_TIMEOUT_MS = 5_000;

/** Name of the Bull queue of an agent type. */
export const queueName = (agentType: AgentType) => `runs-${agentType}`;

export interface BullSettings {
  url: string;
  prefix?: string;
  rate?: RunRateLimit | null;
}

/** How every queue of runs is made, whoever makes it. */
export function bullOptions({ prefix = 'teko', rate }: Omit<BullSettings, 'url'>): Bull.QueueOptions {
  return {
    prefix,
    redis: { maxRetriesPerRequest: null, enableReadyCheck: false },
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
    ...(rate ? { limiter: { max: rate.max, duration: rate.durationMs } } : {}),
  };
}

/** The queues of all agent types, without Nest. */
export function openBullQueues({ url, ...settings }: BullSettings): Record<AgentType, Queue> {
  return byAgentType((agentType) => new Bull(queueName(agentType), url, bullOptions(settings)));
}

/**
 * Hands run ids out over Redis with Bull, a queue for each agent type. The job id is the run id, so an id that nobody works
 * on waits at most once.
 */
export class BullRunQueue implements RunQueue {
  private readonly all: Queue[];

  constructor(private readonly queues: Record<AgentType, Queue>) {
    this.all = AGENT_TYPES.map((agentType) => queues[agentType]);
    // Every failed reconnect is an event; without a listener it would end the process.
    for (const queue of this.all) queue.on('error', () => undefined);
  }

  async add(runId: string, { agentType, priority, delayMs = 0 }: RunJob): Promise<void> {
    const queue = this.queues[agentType];
    const job = await this.answer(queue.getJob(runId));
    // The job of a worker that died counts as active until Bull finds it stalled. A second one does no harm: the database
    // gives a run to one worker.
    const jobId = job && (await this.answer(job.isActive())) ? `${runId}:${Date.now()}` : runId;
    const urgency = Math.max(1, MAX_PRIORITY - priority);
    await this.answer(queue.add({ runId }, { jobId, priority: urgency, delay: delayMs }));
  }

  async remove(runId: string): Promise<void> {
    for (const queue of this.all) {
      const job = await this.answer(queue.getJob(runId));
      if (job && !(await this.answer(job.isActive()))) await this.answer(job.remove());
    }
  }

  process(agentType: AgentType, concurrency: number, handler: (runId: string) => Promise<void>): void {
    const work = (job: Bull.Job<{ runId: string }>) => handler(job.data.runId).catch(() => undefined);
    // A queue that is closed while it starts rejects this promise.
    this.queues[agentType].process(concurrency, work).catch(() => undefined);
  }

  async counts(): Promise<Record<AgentType, QueueCounts>> {
    const counted = await this.answer(Promise.all(this.all.map((queue) => queue.getJobCounts())));
    return byAgentType((_, index) => {
      const { waiting, delayed, active, paused = 0 } = counted[index] as Bull.JobCounts & { paused?: number };
      return { waiting: waiting + delayed + paused, active };
    });
  }

  async pause(): Promise<void> {
    await this.answer(Promise.all(this.all.map((queue) => queue.pause())));
  }

  async resume(): Promise<void> {
    await this.answer(Promise.all(this.all.map((queue) => queue.resume())));
  }

  /** A new queue that an older pause did not know counts as well. */
  async isPaused(): Promise<boolean> {
    return (await this.answer(Promise.all(this.all.map((queue) => queue.isPaused())))).some(Boolean);
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((queue) => queue.close()));
  }

  /** Bull waits for ever where Redis is away. */
  private async answer<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new UnavailableError('redis', `REDIS_URL: no answer within ${ANSWER_TIMEOUT_MS / 1000} s`)),
        ANSWER_TIMEOUT_MS,
      );
    });
    return Promise.race([work, late]).finally(() => clearTimeout(timer));
  }
}
