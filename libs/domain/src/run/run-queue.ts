import type { AgentType } from '@teko/contracts';

/** Notifies workers of run ids. The database is the truth: a lost, duplicated or late id does no harm. */
export interface RunQueue {
  /** Adds a run, delayed by `delayMs` if given. */
  add(runId: string, job: RunJob): Promise<void>;
  remove(runId: string): Promise<void>;
  /** Registers the handler of an agent type. It gets at most `concurrency` ids at a time, highest priority first. */
  process(agentType: AgentType, concurrency: number, handler: (runId: string) => Promise<void>): void;
  counts(): Promise<Record<AgentType, QueueCounts>>;
  /** Throws UnavailableError, whose message is safe to show, if the queue cannot be read and written. */
  check(): Promise<void>;
  /** Pauses the queue in all processes until `resume`; running runs continue. Does nothing if it is already paused. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  isPaused(): Promise<boolean>;
  /** Stops processing and resolves when the running handlers have finished. */
  close(): Promise<void>;
}

export const RunQueue = Symbol('RunQueue');

export interface RunJob {
  agentType: AgentType;
  priority: number;
  delayMs?: number;
}

/** `queued` includes delayed runs; `active` runs are being executed. */
export interface QueueCounts {
  queued: number;
  active: number;
}

/** Returns the sums over all queues. */
export function sumCounts(counts: Record<AgentType, QueueCounts>): QueueCounts {
  const all = Object.values(counts);
  return {
    queued: all.reduce((sum, { queued }) => sum + queued, 0),
    active: all.reduce((sum, { active }) => sum + active, 0),
  };
}

/** At most `max` runs of an agent type start within `durationMs`, across all workers. */
export interface RunRateLimit {
  max: number;
  durationMs: number;
}
