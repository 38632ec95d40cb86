import type { AgentType, BudgetPeriod, BudgetScope } from '@teko/contracts';

/** A bound on the money that models may cost. It is never passed: the worst price of a call is put aside before it is made. */
export interface Budget {
  id: string;
  scope: BudgetScope;
  /** The one it is for; empty: each of them on its own. */
  scopeId: string;
  period: BudgetPeriod;
  /** Millionths of a US dollar. */
  limitMicros: number;
  createdAt: Date;
  updatedAt: Date;
}

/** Money for one call of a model: put aside at its worst price, then what it was. It stays when run and task are deleted. */
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

/** Which budgetReservations count against a budget, seen from one of them: fields to compare, and from when on. Null: not this one. */
export function countedWith(
  budget: Budget,
  spending: Omit<BudgetReservation, 'id' | 'micros' | 'settled'>,
): { where: Partial<BudgetReservation>; since: Date } | null {
  const since = periodStart(budget.period, spending.createdAt);
  if (budget.scope === 'installation') return { where: {}, since };
  const column = COLUMN[budget.scope];
  const value = spending[column];
  if (value === null || (budget.scopeId !== '' && budget.scopeId !== value)) return null;
  return { where: { [column]: value }, since };
}

/** What counts against a budget for one of them; null where it is for each on its own. */
export function countedFor(budget: Budget, now: Date): { where: Partial<BudgetReservation>; since: Date } | null {
  const since = periodStart(budget.period, now);
  if (budget.scope === 'installation') return { where: {}, since };
  return budget.scopeId === '' ? null : { where: { [COLUMN[budget.scope]]: budget.scopeId }, since };
}

function periodStart(period: BudgetPeriod, at: Date): Date {
  return period === 'total' ? new Date(0) : new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1));
}
