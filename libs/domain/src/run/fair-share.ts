import type { Run } from './run';

/** The oldest queued run that one user asked for of a repository at one priority. */
export interface QueuedHead {
  repositoryId: string;
  /** Who asked for it; null for Teko itself. */
  userId: string | null;
  priority: number;
  number: number;
  queuedAt: Date;
}

/** How a queued run stands in line. */
export function queuedHead({ repositoryId, requestedById, priority, number, queuedAt }: Run): QueuedHead {
  return { repositoryId, userId: requestedById, priority, number, queuedAt };
}

/** Runs at work, by repository and by who asked for them. */
export interface ActiveRuns {
  repositories: Record<string, number>;
  users: Record<string, number>;
}

export interface ShareRules {
  now: Date;
  /** Most runs of one repository side by side; null sets no bound. */
  cap: number | null;
  /** Shares of repositories; one that is not named has 1. */
  weights: Record<string, number>;
}

const HOUR = 3_600_000;
/** An hour of waiting counts as one step of priority, so nothing waits for ever behind what is more urgent. */
const STEP = 10;

/**
 * The number of the run that is next: of the repository that has the least at work for its share, there of the user with
 * the least at work, then what is most urgent, then what is oldest. Null where all are at the cap.
 */
export function nextRun(heads: QueuedHead[], activeRuns: ActiveRuns, rules: ShareRules): number | null {
  return heads.filter(within(activeRuns, rules)).sort(order(activeRuns, rules))[0]?.number ?? null;
}

function within({ repositories }: ActiveRuns, { cap }: ShareRules) {
  return ({ repositoryId }: QueuedHead) => cap === null || (repositories[repositoryId] ?? 0) < cap;
}

function order({ repositories, users }: ActiveRuns, { now, weights }: ShareRules) {
  const load = ({ repositoryId: id }: QueuedHead) => (repositories[id] ?? 0) / (weights[id] ?? 1);
  const ofUser = ({ userId }: QueuedHead) => (userId === null ? 0 : (users[userId] ?? 0));
  const urgency = ({ priority, queuedAt }: QueuedHead) =>
    priority + (STEP * (now.getTime() - queuedAt.getTime())) / HOUR;
  return (a: QueuedHead, b: QueuedHead) =>
    load(a) - load(b) || ofUser(a) - ofUser(b) || urgency(b) - urgency(a) || a.number - b.number;
}

/** How many of the queued runs go before this one, as things stand: each that begins counts as at work from then on. */
export function runsAhead(queued: QueuedHead[], number: number, activeRuns: ActiveRuns, rules: ShareRules): number {
  const left = [...queued];
  const now: ActiveRuns = { repositories: { ...activeRuns.repositories }, users: { ...activeRuns.users } };
  const free = { ...rules, cap: null };
  for (let ahead = 0; left.length > 0; ahead++) {
    const next = left.reduce((best, run) => (order(now, free)(run, best) < 0 ? run : best));
    if (next.number === number) return ahead;
    left.splice(left.indexOf(next), 1);
    add(now.repositories, next.repositoryId);
    if (next.userId !== null) add(now.users, next.userId);
  }
  return 0;
}

function add(counts: Record<string, number>, id: string): void {
  counts[id] = (counts[id] ?? 0) + 1;
}
