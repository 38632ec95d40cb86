import type { Run } from './run';

/** The oldest queued run of one repository, user and priority. */
export interface QueuedHead {
  repositoryId: string;
  /** The user who requested the run; null for Teko itself. */
  userId: string | null;
  priority: number;
  number: number;
  queuedAt: Date;
}

/** Returns the fields of a queued run that decide its order. */
export function queuedHead({ repositoryId, requestedById, priority, number, queuedAt }: Run): QueuedHead {
  return { repositoryId, userId: requestedById, priority, number, queuedAt };
}

/** Number of active runs by repository and by requesting user. */
export interface ActiveRuns {
  repositories: Record<string, number>;
  users: Record<string, number>;
}

export interface ShareRules {
  now: Date;
  /** Maximum number of parallel runs of one repository; null for no limit. */
  cap: number | null;
  /** Weights by repository; the default is 1. */
  weights: Record<string, number>;
}

const HOUR = 3_600_000;
/** Each hour of waiting raises the priority by one level, so that no run starves behind more urgent ones. */
const PRIORITY_LEVEL = 10;

/**
 * Returns the number of the run to start next: of the repository with the fewest active runs for its weight, then of the
 * user with the fewest active runs, then the most urgent, then the oldest. Null if every repository has reached the cap.
 */
export function nextRun(heads: QueuedHead[], activeRuns: ActiveRuns, rules: ShareRules): number | null {
  return heads.filter(isBelowCap(activeRuns, rules)).sort(compareHeads(activeRuns, rules))[0]?.number ?? null;
}

function isBelowCap({ repositories }: ActiveRuns, { cap }: ShareRules) {
  return ({ repositoryId }: QueuedHead) => cap === null || (repositories[repositoryId] ?? 0) < cap;
}

function compareHeads({ repositories, users }: ActiveRuns, { now, weights }: ShareRules) {
  const repositoryLoad = ({ repositoryId: id }: QueuedHead) => (repositories[id] ?? 0) / (weights[id] ?? 1);
  const userLoad = ({ userId }: QueuedHead) => (userId === null ? 0 : (users[userId] ?? 0));
  const urgency = ({ priority, queuedAt }: QueuedHead) =>
    priority + (PRIORITY_LEVEL * (now.getTime() - queuedAt.getTime())) / HOUR;
  return (a: QueuedHead, b: QueuedHead) =>
    repositoryLoad(a) - repositoryLoad(b) ||
    userLoad(a) - userLoad(b) ||
    urgency(b) - urgency(a) ||
    a.number - b.number;
}

/** Returns how many queued runs start before this one. Each of them counts as active once it has started. */
export function runsAhead(queued: QueuedHead[], number: number, activeRuns: ActiveRuns, rules: ShareRules): number {
  const remaining = [...queued];
  const active: ActiveRuns = { repositories: { ...activeRuns.repositories }, users: { ...activeRuns.users } };
  const uncapped = { ...rules, cap: null };
  for (let ahead = 0; remaining.length > 0; ahead++) {
    const next = remaining.reduce((best, run) => (compareHeads(active, uncapped)(run, best) < 0 ? run : best));
    if (next.number === number) return ahead;
    remaining.splice(remaining.indexOf(next), 1);
    increment(active.repositories, next.repositoryId);
    if (next.userId !== null) increment(active.users, next.userId);
  }
  return 0;
}

function increment(counts: Record<string, number>, id: string): void {
  counts[id] = (counts[id] ?? 0) + 1;
}
