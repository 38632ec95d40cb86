import type { AgentType } from '@teko/contracts';

/** Wakes workers up with run ids. The database is the truth: a lost, doubled or late id changes nothing. */
export interface RunQueue {
  /** Held back for `delayMs`, where it is given. */
  add(runId: string, job: RunJob): Promise<void>;
  remove(runId: string): Promise<void>;
  /** Starts to hand out the ids of one agent type, at most `concurrency` at a time, highest priority first. */
  process(agentType: AgentType, concurrency: number, handler: (runId: string) => Promise<void>): void;
  counts(): Promise<Record<AgentType, QueueCounts>>;
  /** Hands nothing out until it is resumed, in any process; what is under way goes on. Pausing twice is no error. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  isPaused(): Promise<boolean>;
  /** Takes no more; resolves when the running handlers are done. */
  close(): Promise<void>;
}

export const RunQueue = Symbol('RunQueue');

export interface RunJob {
  agentType: AgentType;
  priority: number;
  delayMs?: number;
}

/** `waiting` counts those that are held back too. */
export interface QueueCounts {
  waiting: number;
  active: number;
}

/** All queues together. */
export function sumCounts(counts: Record<AgentType, QueueCounts>): QueueCounts {
  const all = Object.values(counts);
  return {
    waiting: all.reduce((sum, { waiting }) => sum + waiting, 0),
    active: all.reduce((sum, { active }) => sum + active, 0),
  };
}

/** At most `max` runs of an agent type begin within `durationMs`, over all workers. */
export interface RunRate {
  max: number;
  durationMs: number;
}
