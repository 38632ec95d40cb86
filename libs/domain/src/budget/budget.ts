import type { AgentType, BudgetPeriod, BudgetScope } from '@teko/contracts';

/** A hard limit on the cost of model calls. It is never exceeded: the maximum price of a call is reserved before the call. */
export interface Budget {
  id: string;
  scope: BudgetScope;
  /** Id of the repository, user, task, run or agent that the budget limits; empty to limit each of them separately. */
  scopeId: string;
  period: BudgetPeriod;
  /** Millionths of a US dollar. */
  limitMicros: number;
  createdAt: Date;
  updatedAt: Date;
}

/**
 * Money for one model call: first its maximum price, after settlement its actual cost. It is kept when the run and the
 * task are deleted.
 */
export interface BudgetReservation {
  id: string;
  runId: string;
  taskId: string;
  repositoryId: string;
  userId: string | null;
  agentType: AgentType;
  micros: number;
  settled: boolean;
  createdAt: Date;
}

const COLUMN = {
  repository: 'repositoryId',
  user: 'userId',
  task: 'taskId',
  run: 'runId',
  agent: 'agentType',
} as const;

/**
 * Returns a filter for the reservations that count against the budget together with the given one, or null if the budget
 * does not apply to it.
 */
export function usageFilterFor(
  budget: Budget,
  reservation: Omit<BudgetReservation, 'id' | 'micros' | 'settled'>,
): { where: Partial<BudgetReservation>; since: Date } | null {
  const since = periodStart(budget.period, reservation.createdAt);
  if (budget.scope === 'installation') return { where: {}, since };
  const column = COLUMN[budget.scope];
  const value = reservation[column];
  if (value === null || (budget.scopeId !== '' && budget.scopeId !== value)) return null;
  return { where: { [column]: value }, since };
}

/** Returns a filter for the reservations that count against the budget, or null if the budget has an empty `scopeId`. */
export function usageFilter(budget: Budget, now: Date): { where: Partial<BudgetReservation>; since: Date } | null {
  const since = periodStart(budget.period, now);
  if (budget.scope === 'installation') return { where: {}, since };
  return budget.scopeId === '' ? null : { where: { [COLUMN[budget.scope]]: budget.scopeId }, since };
}

function periodStart(period: BudgetPeriod, at: Date): Date {
  return period === 'total' ? new Date(0) : new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1));
}
