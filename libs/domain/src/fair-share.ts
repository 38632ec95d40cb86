/** The oldest queued run of a repository at one priority. */
export interface QueuedHead {
  repositoryId: string;
  priority: number;
  number: number;
  queuedAt: Date;
}

const HOUR = 3_600_000;
/** An hour of waiting counts as one step of priority, so nothing waits for ever behind what is more urgent. */
const STEP = 10;

/**
 * The number of the run that is next: of the repository with the fewest runs at work, what is most urgent there, then what
 * is oldest. `cap` bounds the runs of one repository; null where all are at it.
 */
export function nextRun(
  heads: QueuedHead[],
  running: Record<string, number>,
  { now, cap }: { now: Date; cap: number | null },
): number | null {
  const atWork = (head: QueuedHead) => running[head.repositoryId] ?? 0;
  const urgency = ({ priority, queuedAt }: QueuedHead) =>
    priority + (STEP * (now.getTime() - queuedAt.getTime())) / HOUR;
  const [first] = heads
    .filter((head) => cap === null || atWork(head) < cap)
    .sort((a, b) => atWork(a) - atWork(b) || urgency(b) - urgency(a) || a.number - b.number);
  return first?.number ?? null;
}
